/* packet_wrapper: the program of the second tutorial, as it was meant. Its mqtt_packet_t, socket_connect,
 * mqtt_connect, mqtt_send and mqtt_recv, with the same signatures, as a thin layer over the library: a
 * program that is built on them replaces this one file.
 *
 *   packet_wrapper [-i CLIENT_ID] [-u USER] [-P PASSWORD] HOST PORT   connects, prints CONNACK, disconnects
 *   packet_wrapper -p                                                 prints the packets of its input
 *
 * A packet is its bytes: `data` is of malloc() and yours to free.
 */
#define PROGRAM "packet_wrapper"

#include "client.h"

#define PATIENCE 10u            /* seconds for each step */
#define MAX_PACKET_LEN 1048576u /* a broker may announce 256 MB */

/* The first bytes of the packets; of a PUBLISH, without DUP, QoS and retain. */
#define MQTT_CONNECT 0x10
#define MQTT_CONNACK 0x20
#define MQTT_PUBLISH 0x30
#define MQTT_PUBACK 0x40
#define MQTT_PUBREC 0x50
#define MQTT_PUBREL 0x62
#define MQTT_PUBCOMP 0x70
#define MQTT_SUBSCRIBE 0x82
#define MQTT_SUBACK 0x90
#define MQTT_UNSUBSCRIBE 0xA2
#define MQTT_UNSUBACK 0xB0
#define MQTT_PINGREQ 0xC0
#define MQTT_PINGRESP 0xD0
#define MQTT_DISCONNECT 0xE0

typedef struct mqtt_packet {
    unsigned char *data;
    unsigned int length;
} mqtt_packet_t;

static struct client over_socket(int socket_fd)
{
    struct client c;

    memset(&c, 0, sizeof c);
    c.fd = socket_fd; /* non-blocking, as open_socket() has made it */
    c.seconds = PATIENCE;
    c.waiting_for = "waiting for a packet";
    return c;
}

/* The socket, or -1; `address` is a host name or an IP address of either kind. */
static int socket_connect(char *address, int port)
{
    struct client c = over_socket(-1);
    char service[16];

    snprintf(service, sizeof service, "%d", port);
    return open_socket(&c, address, service) < 0 ? -1 : c.fd;
}

/* A CONNECT, or NULL. `username` and `password` may be NULL; a password needs a user name. */
static mqtt_packet_t *mqtt_connect(char *client_id, char *username, char *password)
{
    mqtt_packet_t *packet;
    mqttc_connect p;
    mqttc_status why;
    size_t len;

    mqttc_connect_init(&p);
    p.client_id = mqttc_str(client_id);
    p.keep_alive = 65535;
    mqttc_connect_login(&p, mqttc_str(username), mqttc_str(password));
    p.has_user_name = username != NULL;            /* NULL is none, not an empty one */
    len = mqttc_connect_encode(&p, NULL, 0, &why); /* asks for the size, and whether it can be sent */
    if (len == 0)
        return fail_status("CONNECT", why), NULL;
    packet = malloc(sizeof *packet);
    if (packet == NULL)
        return fail("CONNECT: no memory"), NULL;
    packet->data = malloc(len);
    if (packet->data == NULL) {
        free(packet);
        return fail("CONNECT: no memory"), NULL;
    }
    packet->length = (unsigned)mqttc_connect_encode(&p, packet->data, len, NULL);
    return packet;
}

/* Sends all of the packet. It cannot answer that it has failed: then nothing more can be received either. */
static void mqtt_send(int socket_fd, mqtt_packet_t *packet)
{
    struct client c = over_socket(socket_fd);

    if (send_all(&c, "the packet", packet->data, packet->length) < 0)
        shutdown(socket_fd, SHUT_RDWR);
}

/* Receives one packet of a broker and nothing behind it: the decoder says how many bytes are missing. 0, or
 * -1; then there is nothing to free. */
static int mqtt_recv(int socket_fd, mqtt_packet_t *packet)
{
    struct client c = over_socket(socket_fd);
    mqttc_decoder decoder;
    mqttc_packet decoded;
    mqttc_detail detail;
    int32_t len;

    mqttc_decoder_init(&decoder);
    decoder.max_packet_len = MAX_PACKET_LEN;
    packet->data = NULL;
    packet->length = 0;
    while ((len = mqttc_decode_from_server(&decoder, packet->data, packet->length, &decoded, &detail)) ==
           MQTTC_NEED_MORE) {
        unsigned char *longer = realloc(packet->data, packet->length + detail.left);
        ssize_t n;

        if (longer == NULL) {
            fail("no memory for a packet");
            break;
        }
        packet->data = longer;
        n = receive_some(&c, packet->data + packet->length, detail.left);
        if (n < 0)
            break; /* it has said why */
        packet->length += (unsigned)n;
    }
    if (len > 0)
        return 0;
    if (len < 0)
        fail_decode("a packet of the broker", len, &detail);
    free(packet->data);
    packet->data = NULL;
    packet->length = 0;
    return -1;
}

/* --- Printing ------------------------------------------------------------------------------- */

/* One line for a packet of any type, of a client or of a broker. The packet's length; -1 if it is none. */
static int32_t mqtt_print(const mqtt_packet_t *packet)
{
    mqttc_packet p;
    mqttc_detail detail;
    int32_t len = mqttc_decode(NULL, packet->data, packet->length, &p, &detail);

    if (len == MQTTC_NEED_MORE)
        return fail("the packet ends %lu bytes early", (unsigned long)detail.left);
    if (len < 0)
        return fail_decode("the packet", len, &detail);
    log_packet(stdout, "", &p);
    return len;
}

/* Prints the packets that stand one behind the other in the standard input. */
static int print_input(void)
{
    static uint8_t in[65536];
    size_t len = fread(in, 1, sizeof in, stdin);
    size_t at = 0;

    if (ferror(stdin))
        return fail("cannot read the standard input");
    if (len == sizeof in)
        return fail("more than %lu bytes", (unsigned long)sizeof in - 1);
    while (at < len) {
        mqtt_packet_t packet;
        int32_t n;

        packet.data = in + at;
        packet.length = (unsigned)(len - at);
        n = mqtt_print(&packet);
        if (n < 0)
            return -1;
        at += (size_t)n;
    }
    return 0;
}

/* --- main ------------------------------------------------------------------------------------------ */

static int connect_and_disconnect(int socket_fd, char *client_id, char *username, char *password)
{
    struct client c = over_socket(socket_fd);
    mqtt_packet_t connack_packet;
    mqtt_packet_t *connect_packet = mqtt_connect(client_id, username, password);
    unsigned type;
    unsigned return_code;

    if (connect_packet == NULL)
        return -1;
    mqtt_send(socket_fd, connect_packet);
    free(connect_packet->data);
    free(connect_packet);

    if (mqtt_recv(socket_fd, &connack_packet) < 0)
        return -1;
    mqtt_print(&connack_packet);
    type = connack_packet.data[0];
    return_code = connack_packet.data[connack_packet.length - 1]; /* data[1] is the remaining length */
    free(connack_packet.data);
    if (type != MQTT_CONNACK)
        return fail("the broker has sent %s, while waiting for CONNACK",
                    mqttc_packet_type_str((uint8_t)(type >> 4)));
    if (return_code != 0)
        return fail("the broker refuses the connection: return code %u, %s", return_code,
                    refusal((uint8_t)return_code));
    return log_out(&c);
}

static int usage(void)
{
    fprintf(stderr, "usage: " PROGRAM " [-i CLIENT_ID] [-u USER] [-P PASSWORD] HOST PORT\n"
                    "       " PROGRAM " -p    prints the packets of the standard input\n");
    return 2;
}

int main(int argc, char **argv)
{
    char *client_id = "test_client";
    char *username = NULL;
    char *password = NULL;
    unsigned port;
    int socket_fd;
    int option;
    int result;

    if (start() < 0)
        return 1;
    while ((option = getopt(argc, argv, "i:u:P:p")) != -1) {
        if (option == 'p')
            return argc == 2 ? (print_input() < 0 ? 1 : 0) : usage();
        if (option == 'i')
            client_id = optarg;
        else if (option == 'u')
            username = optarg;
        else if (option == 'P')
            password = optarg;
        else
            return usage();
    }
    if (argc - optind != 2 || (port = parse_number(argv[optind + 1], 65535)) == 0)
        return usage();
    socket_fd = socket_connect(argv[optind], (int)port);
    if (socket_fd < 0)
        return 1;
    result = connect_and_disconnect(socket_fd, client_id, username, password);
    close(socket_fd);
    return result < 0 ? 1 : 0;
}

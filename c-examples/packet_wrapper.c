/* packet_wrapper: the program of the second tutorial, as it was meant. Its mqtt_packet_t, socket_connect, mqtt_connect,
 * mqtt_send and mqtt_recv, with the same signatures, as a thin layer over the library: who has built on them replaces
 * this one file.
 *
 *   packet_wrapper [-i CLIENT_ID] [-u USER] [-P PASSWORD] HOST PORT     connects, prints the answer, disconnects
 *   packet_wrapper -p                                                   prints the packets of the standard input
 *
 * A packet is its bytes: `data` is of malloc() and yours to free.
 */
#define PROGRAM "packet_wrapper"

#include "client.h"

#define PATIENCE 10u             /* seconds for each step */
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

static struct client over_socket(int socket_fd, const char *waiting_for)
{
    struct client c;

    memset(&c, 0, sizeof c);
    c.fd = socket_fd;
    c.seconds = PATIENCE;
    c.waiting_for = waiting_for;
    return c;
}

/* The socket, or -1; `address` is a host name or an IP address of either kind. */
static int socket_connect(char *address, int port)
{
    struct client c = over_socket(-1, "connecting");
    char service[16];

    snprintf(service, sizeof service, "%d", port);
    return open_socket(&c, address, service) < 0 ? -1 : c.fd;
}

/* A CONNECT, or NULL. `username` and `password` may be NULL; a password needs a user name. */
static mqtt_packet_t *mqtt_connect(char *client_id, char *username, char *password)
{
    mqtt_packet_t *packet = calloc(1, sizeof *packet);
    mqttc_connect p;
    mqttc_status status;
    size_t len;

    if (packet == NULL)
        return fail("CONNECT: no memory"), NULL;
    mqttc_connect_init(&p);
    p.client_id = mqttc_str(client_id);
    p.keep_alive = 65535;
    p.has_user_name = username != NULL;
    p.user_name = mqttc_str(username);
    p.has_password = password != NULL;
    p.password = mqttc_str(password);
    status = mqttc_connect_encode(&p, NULL, 0, &len); /* asks for the size */
    if (status == MQTTC_ERR_BUFFER_TOO_SMALL) {
        packet->data = malloc(len);
        packet->length = (unsigned)len;
        if (packet->data != NULL)
            status = mqttc_connect_encode(&p, packet->data, len, &len);
    }
    if (status == MQTTC_OK)
        return packet;
    fail_status("CONNECT", status);
    free(packet->data);
    free(packet);
    return NULL;
}

/* Sends all of the packet. It cannot answer that it has failed: then nothing more can be received either. */
static void mqtt_send(int socket_fd, mqtt_packet_t *packet)
{
    struct client c = over_socket(socket_fd, "sending");

    if (send_encoded(&c, "the packet", MQTTC_OK, packet->data, packet->length) < 0)
        shutdown(socket_fd, SHUT_RDWR);
}

/* Receives one packet of a broker and nothing behind it: the decoder says how many bytes are missing. 0, or -1; then
 * there is nothing to free. */
static int mqtt_recv(int socket_fd, mqtt_packet_t *packet)
{
    struct client c = over_socket(socket_fd, "waiting for a packet");
    mqttc_decoder decoder;
    mqttc_packet decoded;
    mqttc_error error;
    mqttc_status status;
    size_t missing;

    mqttc_decoder_init(&decoder);
    decoder.max_packet_len = MAX_PACKET_LEN;
    packet->data = NULL;
    packet->length = 0;
    for (;;) {
        unsigned char *longer;
        const uint8_t *so_far = packet->data != NULL ? packet->data : (const uint8_t *)"";

        status = mqttc_decode_from_server(&decoder, so_far, packet->length, &decoded, &missing, &error);
        if (status != MQTTC_NEED_MORE)
            break;
        longer = realloc(packet->data, packet->length + missing);
        if (longer == NULL) {
            fail("no memory for a packet");
            break;
        }
        packet->data = longer;
        while (missing > 0) {
            ssize_t n = receive_some(&c, packet->data + packet->length, missing);

            if (n < 0)
                goto failed; /* it has said why */
            packet->length += (unsigned)n;
            missing -= (size_t)n;
        }
    }
    if (status == MQTTC_OK)
        return 0;
    if (status < 0)
        fail_decode("a packet of the broker", status, &error);
failed:
    free(packet->data);
    packet->data = NULL;
    packet->length = 0;
    return -1;
}

/* --- Printing ------------------------------------------------------------------------------- */

/* What a peer has sent must not steer the terminal. */
static void print_text(const char *name, mqttc_slice text)
{
    size_t i;

    printf(", %s \"", name);
    for (i = 0; i < text.len; i++)
        putchar(text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
    putchar('"');
}

static void print_connect(const mqttc_connect *p)
{
    print_text("client identifier", p->client_id);
    printf(", level %u, keep alive %u s, clean session %u", (unsigned)p->protocol_level, (unsigned)p->keep_alive,
           (unsigned)p->clean_session);
    if (p->has_will) {
        print_text("will topic", p->will_topic);
        printf(", %lu bytes, QoS %u, retain %u", (unsigned long)p->will_message.len, (unsigned)p->will_qos,
               (unsigned)p->will_retain);
    }
    if (p->has_user_name)
        print_text("user name", p->user_name);
    if (p->has_password)
        printf(", password of %lu bytes", (unsigned long)p->password.len);
}

static void print_publish(const mqttc_publish *p)
{
    print_text("topic", p->topic);
    printf(", QoS %u, DUP %u, retain %u", (unsigned)p->qos, (unsigned)p->dup, (unsigned)p->retain);
    if (p->qos > 0)
        printf(", packet identifier %u", (unsigned)p->packet_id);
    print_text("payload", p->payload);
}

static void print_filters(const mqttc_filter_list *p)
{
    mqttc_filters filters = p->filters;
    mqttc_subscription wanted;

    printf(", packet identifier %u", (unsigned)p->packet_id);
    while (mqttc_filters_next(&filters, &wanted) == 1) {
        print_text("filter", wanted.filter);
        if (filters.has_qos)
            printf(" QoS %u", (unsigned)wanted.qos);
    }
}

static void print_suback(const mqttc_suback *p)
{
    size_t i;

    printf(", packet identifier %u", (unsigned)p->packet_id);
    for (i = 0; i < p->return_codes.len; i++)
        printf(", return code 0x%02x", (unsigned)p->return_codes.ptr[i]);
}

/* One line for a packet of any type, of a client or of a broker; -1 if it is none. */
static int mqtt_print(const mqtt_packet_t *packet)
{
    mqttc_packet p;
    mqttc_error error;
    size_t used;
    mqttc_status status = mqttc_decode(NULL, packet->data, packet->length, &p, &used, &error);

    if (status == MQTTC_NEED_MORE)
        return fail("the packet ends %lu bytes early", (unsigned long)used);
    if (status < 0)
        return fail_decode("the packet", status, &error);
    printf("%s", mqttc_packet_type_str(p.type));
    switch (p.type) {
    case MQTTC_CONNECT:
        print_connect(&p.u.connect);
        break;
    case MQTTC_CONNACK:
        printf(", session present %u, return code %u", (unsigned)p.u.connack.session_present,
               (unsigned)p.u.connack.return_code);
        break;
    case MQTTC_PUBLISH:
        print_publish(&p.u.publish);
        break;
    case MQTTC_SUBSCRIBE:
        print_filters(&p.u.subscribe);
        break;
    case MQTTC_UNSUBSCRIBE:
        print_filters(&p.u.unsubscribe);
        break;
    case MQTTC_SUBACK:
        print_suback(&p.u.suback);
        break;
    case MQTTC_PINGREQ:
    case MQTTC_PINGRESP:
    case MQTTC_DISCONNECT:
        break; /* nothing in them */
    default:
        printf(", packet identifier %u", (unsigned)p.u.packet_id);
    }
    putchar('\n');
    return 0;
}

/* Prints the packets that stand one behind the other in the standard input. */
static int print_input(void)
{
    static uint8_t in[65536];
    size_t len = fread(in, 1, sizeof in, stdin);
    size_t start = 0;

    if (ferror(stdin))
        return fail("cannot read the standard input");
    if (len == sizeof in)
        return fail("more than %lu bytes", (unsigned long)sizeof in - 1);
    while (start < len) {
        mqtt_packet_t packet;
        mqttc_frame header;
        size_t used;

        packet.data = in + start;
        packet.length = (unsigned)(len - start);
        if (mqtt_print(&packet) < 0)
            return -1;
        mqttc_peek(packet.data, packet.length, &header, &used, NULL); /* it is whole, or would not have been printed */
        start += header.header_len + header.remaining_len;
    }
    return 0;
}

/* --- main ----------------------------------------------------------------------------------- */

static int connect_and_disconnect(int socket_fd, char *client_id, char *username, char *password)
{
    struct client c = over_socket(socket_fd, "sending DISCONNECT");
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
        return fail("the broker has sent %s, while waiting for CONNACK", mqttc_packet_type_str((uint8_t)(type >> 4)));
    if (return_code != 0)
        return fail("the broker refuses the connection: return code %u", return_code);
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

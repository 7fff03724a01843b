//! Gives the shared library its name: a program that is linked with it looks for `libmqttc.so.1`, wherever that
//! lies, and not for the path that it was linked from. The number is `MQTTC_ABI`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libmqttc.so.1");
    }
}

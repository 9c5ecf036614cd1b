//! Links nslab to run at a fixed address.
//!
//! A lab is ten processes of nslab. In a position-independent executable, each of them writes addresses
//! into 400 kB of tables before its `main`, so none of that memory is shared: measured in a lab with a
//! container, 4.6 of 20.6 MiB, and half a millisecond between the key and the container's prompt. Stack,
//! heap and libraries are at random addresses all the same; ld.so(8), proc_sys_kernel(5).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|it| it == value);
    // A static executable is linked in another way.
    let is_static = std::env::var("CARGO_CFG_TARGET_FEATURE")
        .is_ok_and(|features| features.split(',').any(|it| it == "crt-static"));
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

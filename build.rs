fn main() {
    napi_build::setup();
    // Functions that came out alike become one. Rust gives no function an address of its own, so nothing can tell.
    // Asked for by whoever links with LLD (.ci/linux): other linkers do not know the flag.
    println!("cargo::rerun-if-env-changed=AUTH_FAILOVER_FOLD");
    if std::env::var_os("AUTH_FAILOVER_FOLD").is_some() {
        println!("cargo::rustc-cdylib-link-arg=-Wl,--icf=all");
    }
}

//! Proxies that the environment names.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use common::Home;

#[test]
fn a_socks_proxy_is_asked_for_the_service_and_sees_no_key() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting).unwrap();
        let mut methods = vec![0; usize::from(greeting[1])];
        stream.read_exact(&mut methods).unwrap();
        stream.write_all(&[5, 0]).unwrap();
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let mut host = vec![0; usize::from(head[4]) + 2];
        stream.read_exact(&mut host).unwrap();
        // Connected; what comes now is the beginning of TLS.
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut first = vec![0; 4096];
        let read = stream.read(&mut first).unwrap();
        (greeting[0], head, host, first[..read].to_vec())
    });
    let home = Home::new()
        .with("A_KEY", "sk-a-secret-of-the-user")
        .with("ALL_PROXY", &format!("socks5h://{address}"));
    let read = ["read", "--source", "platform", "--region", "china", "--key-env", "A_KEY", "--json"];
    let ended = home.run(&read);
    assert_ne!(ended.status, 0, "no service is behind this proxy");
    assert!(!ended.out.contains("unsupported"), "{}", ended.out);
    let (version, head, host, first) = proxy.join().unwrap();
    assert_eq!((version, head[1], head[3]), (5, 1, 3), "a connection to a name, by version 5");
    assert_eq!(&host[..host.len() - 2], b"api.moonshot.cn");
    let secret = b"sk-a-secret-of-the-user";
    assert!(!first.windows(secret.len()).any(|part| part == secret));
}

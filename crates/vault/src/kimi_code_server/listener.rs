//! Whose program listens on a port of this machine.

use std::net::IpAddr;
#[cfg(any(target_os = "linux", test))]
use std::net::{Ipv4Addr, Ipv6Addr};

/// Who listens where a connection to an address and port would lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_os = "linux", test)),
    expect(dead_code, reason = "only Linux says whose a port is")
)]
pub(super) enum Listener {
    /// A program of this user.
    Own,
    /// A program of another user.
    Foreign,
    /// None.
    None,
    /// The system does not say.
    Unknown,
}

/// Who listens where a connection to a loopback address and port would lead.
pub(super) fn on(host: IpAddr, port: u16) -> Listener {
    #[cfg(target_os = "linux")]
    {
        use std::path::Path;
        /// One line is 150 bytes.
        const MAX_TABLE_BYTES: u64 = 16 * 1024 * 1024;

        let table = |path| tidemark_files::read::text(Path::new(path), MAX_TABLE_BYTES).ok();
        let (v4, v6) = (table("/proc/net/tcp"), table("/proc/net/tcp6"));
        if v4.is_none() && v6.is_none() {
            return Listener::Unknown;
        }
        in_tables(
            &format!("{}\n{}", v4.unwrap_or_default(), v6.unwrap_or_default()),
            host,
            port,
            tidemark_files::user(),
        )
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (host, port);
        Listener::Unknown
    }
}

/// The same by the system's tables of connections, one line each: number, local address, remote address, state, …, and
/// in the eighth place the user.
#[cfg(any(target_os = "linux", test))]
fn in_tables(tables: &str, host: IpAddr, port: u16, user: u32) -> Listener {
    const LISTENS: &str = "0A";

    let owners = tables.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().take(8).collect();
        let (address, listening_port) = fields.get(1)?.split_once(':')?;
        let is_here = *fields.get(3)? == LISTENS
            && u16::from_str_radix(listening_port, 16) == Ok(port)
            && reaches(address, host);
        is_here.then(|| fields.get(7)?.parse::<u32>().ok()).flatten()
    });
    // Of several that listen, which one answers is the system's affair: all of them must be the user's.
    owners.fold(Listener::None, |known, owner| match known {
        Listener::Foreign => Listener::Foreign,
        _ if owner == user => Listener::Own,
        _ => Listener::Foreign,
    })
}

/// Whether a connection to a host may lead to a local address of the tables: in hexadecimal, each group of four bytes
/// in the machine's own order.
#[cfg(any(target_os = "linux", test))]
fn reaches(address: &str, host: IpAddr) -> bool {
    let groups: Option<Vec<[u8; 4]>> = (0..address.len())
        .step_by(8)
        .map(|at| Some(u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?.to_ne_bytes()))
        .collect();
    let local: IpAddr = match groups.as_deref() {
        Some([group]) => Ipv4Addr::from(*group).into(),
        Some([a, b, c, d]) => {
            let mut bytes = [0; 16];
            for (place, byte) in bytes.iter_mut().zip([a, b, c, d].into_iter().flatten()) {
                *place = *byte;
            }
            let local = Ipv6Addr::from(bytes);
            local.to_ipv4_mapped().map_or(local.into(), IpAddr::from)
        }
        _ => return false,
    };
    local == host || local.is_unspecified()
}

#[cfg(test)]
#[cfg(target_endian = "little")]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_whose_port_it_is() {
        let line = |local: &str, state: &str, user: u32| {
            format!(
                "  0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  {user}        0 1 1\n"
            )
        };
        let v4 = IpAddr::from(Ipv4Addr::LOCALHOST);
        let v6 = IpAddr::from(Ipv6Addr::LOCALHOST);
        let any6 = "00000000000000000000000000000000:0FA1";
        let own6 = "00000000000000000000000001000000:0FA1";
        let mapped = "0000000000000000FFFF00000100007F:0FA1";
        for (table, host, expected) in [
            (String::new(), v4, Listener::None),
            (line("0100007F:0FA1", "0A", 7), v4, Listener::Own),
            (line("0100007F:0FA1", "0A", 8), v4, Listener::Foreign),
            (line("0100007F:0FA2", "0A", 7), v4, Listener::None),
            (line("0100007F:0FA1", "01", 7), v4, Listener::None),
            (line("0700A8C0:0FA1", "0A", 7), v4, Listener::None),
            (line("00000000:0FA1", "0A", 7), v4, Listener::Own),
            (line(any6, "0A", 7), v4, Listener::Own),
            (line(mapped, "0A", 7), v4, Listener::Own),
            (line(own6, "0A", 7), v4, Listener::None),
            (line(own6, "0A", 7), v6, Listener::Own),
            (line("0100007F:0FA1", "0A", 7) + &line("00000000:0FA1", "0A", 8), v4, Listener::Foreign),
            (line("0100007F:0FA1", "0A", 8) + &line("00000000:0FA1", "0A", 7), v4, Listener::Foreign),
            ("garbage\n 0: xyz 1 0A\n 0: 01:0FA1 x 0A 1 1 1 7\n".to_owned(), v4, Listener::None),
        ] {
            assert_eq!(in_tables(&table, host, 4001, 7), expected, "{table}");
        }
    }
}

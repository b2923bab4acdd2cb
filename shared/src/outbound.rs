//! Addresses that the worker may be told to call: `https`, and no host of the network it runs in.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The beginning of an address: `https://host:port`, and nothing after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Whether it is `https`.
    pub secure: bool,
    /// The host, an IPv6 address without its brackets.
    pub host: &'a str,
}

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It can't be understood.
    #[error("is https://host or https://host:port, without a path, a query or a password")]
    NotAnOrigin,
    /// It is `http`.
    #[error("must be https")]
    NotSecure,
    /// It is of the inside.
    #[error("names a host of a private network")]
    Private,
}

impl<'a> Origin<'a> {
    /// Reads an address.
    pub fn parse(text: &'a str) -> Result<Self, Refused> {
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(Refused::NotAnOrigin),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (host, after) = inner.split_once(']').ok_or(Refused::NotAnOrigin)?;
                host.parse::<Ipv6Addr>().map_err(|_| Refused::NotAnOrigin)?;
                let port = if after.is_empty() { None } else { Some(after.strip_prefix(':').unwrap_or("?")) };
                (host, port)
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let port_ok = port.is_none_or(|p| p.bytes().all(|b| b.is_ascii_digit()) && p.parse::<u16>().is_ok());
        if !port_ok || !(rest.starts_with('[') || is_host(host)) {
            return Err(Refused::NotAnOrigin);
        }
        Ok(Self { secure, host })
    }

    /// Whether the worker may call it. `private_too` is for development: it lifts both rules.
    pub fn check(&self, private_too: bool) -> Result<(), Refused> {
        match (private_too, self.secure, self.is_private()) {
            (true, ..) | (false, true, false) => Ok(()),
            (false, _, true) => Err(Refused::Private),
            (false, false, false) => Err(Refused::NotSecure),
        }
    }

    /// Whether the host is of this machine or of a network that the internet does not reach, as far as its name tells.
    /// What a public name resolves to is the platform's to check.
    pub fn is_private(&self) -> bool {
        if let Ok(v4) = self.host.parse::<Ipv4Addr>() {
            return is_private_v4(v4);
        }
        if let Ok(v6) = self.host.parse::<Ipv6Addr>() {
            // Global unicast is 2000::/3; 2002::/16 and 2001:0::/32 lead to IPv4 addresses of anybody's choice.
            let [a, b, ..] = v6.segments();
            return a & 0xe000 != 0x2000 || a == 0x2002 || (a == 0x2001 && b == 0);
        }
        let host = self.host.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let inside = [".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp"];
        !host.contains('.') || inside.iter().any(|end| host.ends_with(end))
    }
}

/// A name by letters, or an IPv4 address in four decimal numbers. Its other spellings (one number, octal, hexadecimal)
/// are read differently by different programs.
fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        let plain = l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        !l.is_empty() && l.len() <= 63 && plain
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let by_letters = last.starts_with(|c: char| c.is_ascii_alphabetic());
    host.len() <= 253 && name.split('.').all(label) && (by_letters || host.parse::<Ipv4Addr>().is_ok())
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<(), Refused> {
        Origin::parse(text)?.check(false)
    }

    #[test]
    fn public_https_addresses_may_be_called() {
        for text in [
            "https://s3.eu-central-1.amazonaws.com",
            "https://s3.eu-central-1.amazonaws.com/",
            "https://0123abc.r2.cloudflarestorage.com",
            "https://minio.example.com:9000",
            "https://8.8.8.8",
            "https://[2606:4700::1111]:8443",
        ] {
            assert_eq!(verdict(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn hosts_of_the_inside_are_refused_in_every_spelling() {
        for text in [
            "https://localhost",
            "https://localhost:9000",
            "https://LOCALHOST.",
            "https://a.localhost",
            "https://db",
            "https://metadata.google.internal",
            "https://printer.local",
            "https://127.0.0.1",
            "https://127.9.9.9",
            "https://10.1.2.3",
            "https://100.64.0.1",
            "https://169.254.169.254",
            "https://172.16.0.1",
            "https://192.168.1.1",
            "https://0.0.0.0",
            "https://255.255.255.255",
            "https://[::1]",
            "https://[::]",
            "https://[fe80::1]",
            "https://[fd00::1]",
            "https://[::ffff:127.0.0.1]",
            "https://[64:ff9b::7f00:1]",
            "https://[2002:7f00:1::]",
        ] {
            assert_eq!(verdict(text), Err(Refused::Private), "{text}");
        }
        assert_eq!(Origin::parse("http://127.0.0.1:9000").unwrap().check(true), Ok(()));
        assert_eq!(verdict("http://s3.example.com"), Err(Refused::NotSecure));
    }

    #[test]
    fn what_programs_read_differently_is_no_address() {
        for text in [
            "",
            "https://",
            "s3.example.com",
            "ftp://s3.example.com",
            "HTTPS://s3.example.com",
            "https://user:pass@s3.example.com",
            "https://s3.example.com/path",
            "https://s3.example.com?x",
            "https://s3.example.com#x",
            "https://s3.example.com\\@127.0.0.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0177.0.0.1",
            "https://127.1",
            "https://s3.example.com:99999",
            "https://s3.example.com:",
            "https://s3.example.com:+1",
            "https://[::1",
            "https://[::1]x",
            "https://[fe80::1%25eth0]",
            "https://a b.com",
            "https://a..com",
            "https://é.com",
            "https://%6cocalhost",
        ] {
            assert_eq!(verdict(text), Err(Refused::NotAnOrigin), "{text}");
        }
    }
}

//! `Fn::Cidr` on known arguments.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of a network: `[network, how many, bits of each]`. Nothing where the arguments make no sense.
pub(super) fn split(arguments: &[String]) -> Option<Vec<String>> {
    let (network, count) = (arguments.first()?, arguments.get(1)?.parse::<u32>().ok()?);
    let (address, length) = network.split_once('/')?;
    let (address, length): (IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits: u32 = match arguments.get(2) {
        Some(bits) => bits.parse().ok()?,
        None => 8,
    };
    let prefix = width - bits.min(width);
    if !(1..=256).contains(&count) || prefix < length || length > width {
        return None;
    }
    let base = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    };
    let base = if length == 0 { 0 } else { base >> (width - length) << (width - length) };
    let available = prefix - length;
    if available < 32 && count > 1 << available {
        return None;
    }
    let block = |index: u32| {
        let start = base.checked_add(u128::from(index).checked_shl(bits)?)?;
        let address = if width == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(start).ok()?))
        } else {
            IpAddr::V6(Ipv6Addr::from(start))
        };
        Some(format!("{address}/{prefix}"))
    };
    (0..count).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    fn cidr(arguments: &[&str]) -> Option<Vec<String>> {
        split(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn blocks_follow_one_another() {
        assert_eq!(cidr(&["10.0.0.0/16", "2", "8"]).unwrap(), ["10.0.0.0/24", "10.0.1.0/24"]);
        assert_eq!(cidr(&["10.0.9.9/24", "2", "5"]).unwrap(), ["10.0.9.0/27", "10.0.9.32/27"]);
        assert_eq!(cidr(&["2001:db8::/56", "1", "64"]).unwrap(), ["2001:db8::/64"]);
        assert_eq!(cidr(&["10.0.0.0/24", "9", "5"]), None);
        assert_eq!(cidr(&["10.0.0.0", "1"]), None);
    }
}

//! Values of condition operators that are no texts: numbers, dates, addresses, bytes.

use std::net::IpAddr;
use std::net::Ipv6Addr;

/// A number, as a decimal of any length: sign, digits before and after the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads a number such as `-10.50`.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole: whole.to_owned(), fraction: fraction.to_owned() })
    }

    fn magnitude(&self, other: &Self) -> std::cmp::Ordering {
        let lengths = self.whole.len().cmp(&other.whole.len());
        lengths.then_with(|| self.whole.cmp(&other.whole)).then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
        }
    }
}

/// Milliseconds since 1970 of an ISO 8601 date, or of a count of seconds or milliseconds since then.
pub fn date(text: &str) -> Option<i64> {
    if text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let count: i64 = text.parse().ok()?;
        return Some(if text.len() >= 12 { count } else { count.checked_mul(1000)? });
    }
    let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let mut parts = day.split('-');
    let (year, month, date) = (parts.next()?, parts.next().unwrap_or("1"), parts.next().unwrap_or("1"));
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let days = days_since_1970(digits(year)?, digits(month)?, digits(date)?)?;
    let mut total = days.checked_mul(86_400_000)?;
    if !time.is_empty() {
        total += time_of_day(time)?;
    }
    Some(total)
}

/// Whether a date is written as a count of seconds since 1970.
pub fn is_epoch(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    // Years that start in March put the leap day last.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// Milliseconds of `23:59:59.123Z` or `23:59:59+02:00`.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, shift) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(at) => {
            let (clock, zone) = text.split_at_checked(at)?;
            (clock, zone_shift(zone)?)
        }
    };
    let mut parts = clock.split(':');
    let (hours, minutes) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let (seconds, millis) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
            (digits(whole)?, digits(&fraction)?)
        }
    };
    if hours > 24 || minutes > 59 || seconds > 60 || parts.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis - shift)
}

fn zone_shift(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, zone.strip_prefix('-')?),
    };
    let plain: String = rest.chars().filter(|&c| c != ':').collect();
    let (hours, minutes) = plain.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes)? };
    Some(sign * (digits(hours)? * 60 + minutes) * 60_000)
}

/// A network: an address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads an address or a network in CIDR notation.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address.parse().ok()?, bits.parse().ok()?)
            }
            Some(_) => return None,
            None => {
                let address: IpAddr = text.parse().ok()?;
                (address, if address.is_ipv4() { 32 } else { 128 })
            }
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        (bits <= longest).then_some(Self { address, bits })
    }

    /// Whether an address lies in the network. AWS drops the host bits of IPv4 networks; an IPv6 network that has any
    /// matches nothing.
    pub fn holds(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let drop = 32 - self.bits;
                drop == 32 || u32::from(own) >> drop == u32::from(other) >> drop
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let drop = 128 - self.bits;
                !self.has_host_bits() && (drop == 128 || u128::from(own) >> drop == u128::from(other) >> drop)
            }
            _ => false,
        }
    }

    /// Whether every address of another network is in this one.
    pub fn covers(self, other: Self) -> bool {
        self.is_ipv6() == other.is_ipv6() && self.bits() <= other.bits() && self.holds(other.address)
    }

    /// Whether bits are set that do not count.
    pub fn has_host_bits(self) -> bool {
        match self.address {
            IpAddr::V4(own) => self.bits < 32 && u32::from(own) << self.bits != 0,
            IpAddr::V6(own) => self.bits < 128 && u128::from(own) << self.bits != 0,
        }
    }

    /// Whether it is an IPv6 network.
    pub fn is_ipv6(self) -> bool {
        self.address.is_ipv6()
    }

    /// How many bits count.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// Whether all of its addresses are private: no request from the internet has one.
    pub fn is_private(self) -> bool {
        const PRIVATE: &[(&str, u32)] =
            &[("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16), ("100.64.0.0", 10), ("127.0.0.0", 8)];
        match self.address {
            IpAddr::V4(_) => PRIVATE.iter().any(|&(network, bits)| {
                let network = network.parse().ok().map(|address| Self { address, bits });
                self.bits >= bits && network.is_some_and(|network| network.holds(self.address))
            }),
            // Unique local addresses, fc00::/7.
            IpAddr::V6(own) => self.bits >= 7 && own.octets().first().is_some_and(|byte| byte & 0xFE == 0xFC),
        }
    }
}

/// An address of a request. An IPv4 address inside an IPv6 one counts as itself.
pub fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    Some(match address {
        IpAddr::V6(inner) => mapped(inner),
        IpAddr::V4(_) => address,
    })
}

fn mapped(address: Ipv6Addr) -> IpAddr {
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}

/// Whether a text is base64.
pub fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_as_numbers() {
        let all = ["-10", "-1.5", "0", "0.5", "1", "9", "10", "10.01"].map(|t| Decimal::parse(t).unwrap());
        assert!(all.is_sorted());
        assert_eq!(Decimal::parse("10.0"), Decimal::parse("010"));
        assert_eq!(Decimal::parse("-0"), Decimal::parse("0"));
        assert!(
            Decimal::parse("a").is_none() && Decimal::parse("").is_none() && Decimal::parse("1e3").is_none()
        );
    }

    #[test]
    fn dates_are_points_in_time() {
        assert_eq!(date("2024-01-01"), Some(1_704_067_200_000));
        assert_eq!(date("1704067200"), date("2024-01-01T00:00:00Z"));
        assert_eq!(date("1704067200001"), Some(1_704_067_200_001));
        assert_eq!(date("2024-01-01T02:00:00+02:00"), date("2024-01-01"));
        assert_eq!(date("2024-02-29T00:00:00.5Z"), Some(1_709_164_800_500));
        for wrong in ["2023-02-29", "2024-13-01", "yesterday", "", "2024-01-01T25:61Z", "a"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn networks_hold_addresses() {
        let holds =
            |network: &str, text: &str| Network::parse(network).unwrap().holds(address(text).unwrap());
        assert!(holds("192.168.0.9/16", "192.168.77.1") && holds("0.0.0.0/0", "8.8.8.8"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::1/32", "2001:db8:1::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(Network::parse("10.0.0.0/33").is_none() && Network::parse("123456789012").is_none());
        assert!(Network::parse("10.1.0.0/16").unwrap().is_private());
        assert!(!Network::parse("8.0.0.0/8").unwrap().is_private());
    }
}

//! The links of a screen (OSC 8). Owns the addresses; a cell only has a number.
//!
//! A child can make a link for each character of its history. So the addresses are bounded, and the
//! oldest are forgotten. Must not know the place of a link.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Longest address in bytes, as terminals have agreed.
const LONGEST: usize = 2_083;

/// Addresses that are remembered.
const MOST: usize = 1_024;

/// The addresses of links, each with a number that no other has.
#[derive(Debug, Clone, Default)]
pub(super) struct Hyperlinks {
    addresses: VecDeque<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    /// The number of the oldest address.
    oldest: u32,
}

impl Hyperlinks {
    /// The number of an address; None if it is too long, or no address.
    pub(super) fn number(&mut self, address: &str) -> Option<u32> {
        if address.len() > LONGEST || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        if let Some(number) = self.numbers.get(address) {
            return Some(*number);
        }
        if self.addresses.len() == MOST
            && let Some(forgotten) = self.addresses.pop_front()
        {
            self.numbers.remove(&forgotten);
            self.oldest = self.oldest.wrapping_add(1);
        }
        let length = u32::try_from(self.addresses.len()).ok()?;
        let number = self.oldest.wrapping_add(length);
        let address: Arc<str> = address.into();
        self.addresses.push_back(Arc::clone(&address));
        self.numbers.insert(address, number);
        Some(number)
    }

    pub(super) fn address(&self, number: u32) -> Option<&Arc<str>> {
        let at = usize::try_from(number.wrapping_sub(self.oldest)).ok()?;
        self.addresses.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_number_until_it_is_forgotten() {
        let mut links = Hyperlinks::default();
        let first = links.number("https://a/").unwrap();
        assert_eq!(links.number("https://a/"), Some(first));
        for n in 1..MOST {
            links.number(&format!("https://{n}/")).unwrap();
        }
        assert_eq!(links.address(first).map(|it| &**it), Some("https://a/"));
        let last = links.number("https://last/").unwrap();
        assert_eq!(links.address(first), None);
        assert_eq!(links.address(last).map(|it| &**it), Some("https://last/"));
        assert_ne!(links.number("https://a/"), Some(first));
        assert_eq!((links.addresses.len(), links.numbers.len()), (MOST, MOST));
    }

    #[test]
    fn what_is_no_address_is_no_link() {
        let mut links = Hyperlinks::default();
        let long = format!("https://{}", "x".repeat(LONGEST));
        for address in ["a b", "https://é/", "\u{9b}31m", "a\tb", &long] {
            assert_eq!(links.number(address), None, "{address:?}");
        }
    }
}

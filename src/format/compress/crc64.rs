//! CRC-64 with the polynomial of ECMA-182, reflected: the usual check of xz (The .xz File Format, §6).

const POLYNOMIAL: u64 = 0xc96c_5795_d787_0f42;

/// `TABLES[k][b]` is what byte `b` adds when `k` bytes follow it.
static TABLES: [[u64; 256]; 8] = tables();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "run by the compiler, with no input")]
const fn tables() -> [[u64; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        let mut table = 0;
        while table < 8 {
            tables[table][byte] = value;
            let mut following = 0;
            // One more byte of zeros.
            while following < 8 {
                value = if value & 1 == 1 { (value >> 1) ^ POLYNOMIAL } else { value >> 1 };
                following += 1;
            }
            table += 1;
        }
        byte += 1;
    }
    tables
}

pub(super) struct Crc64(u64);

impl Crc64 {
    pub(super) fn new() -> Crc64 {
        Crc64(!0)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            let mixed = (self.0 ^ u64::from_le_bytes(*eight)).to_le_bytes();
            self.0 = TABLES.iter().rev().zip(mixed).fold(0, |sum, (table, byte)| sum ^ entry(table, byte));
        }
        let [first, ..] = &TABLES;
        for byte in rest {
            self.0 = (self.0 >> 8) ^ entry(first, self.0 as u8 ^ byte);
        }
    }

    pub(super) fn value(&self) -> u64 {
        !self.0
    }
}

fn entry(table: &[u64; 256], byte: u8) -> u64 {
    table.get(usize::from(byte)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_that_of_the_catalogue() {
        let mut crc = Crc64::new();
        crc.update(b"123456789");
        assert_eq!(crc.value(), 0x995d_c9bb_df19_39fa);
        let mut crc = Crc64::new();
        b"123456789".chunks(2).for_each(|piece| crc.update(piece));
        assert_eq!(crc.value(), 0x995d_c9bb_df19_39fa);
    }
}

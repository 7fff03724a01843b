//! Bytes as people write them: `300a`, `30 0a`, `{0x30, 0x0a};`, `30:0a`, `"\x30\x0a"`.

/// The bytes that `text` spells. Two digits are a byte; a single digit is one only after `0x` or
/// `\x`, as C has it: a bare `{16, 0}` is decimal, and read as hexadecimal would be another packet.
///
/// Errors: a sentence that says what stands where.
pub(crate) fn parse(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len().saturating_div(2));
    let mut rest = text.trim_ascii_start();
    while let Some(next) = rest.first() {
        if is_separator(*next) {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let column = text.len().saturating_sub(rest.len()).saturating_add(1);
        let (has_prefix, digits) = match rest {
            [b'0', b'x' | b'X', digits @ ..] | [b'\\', b'x', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let len = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, after) = digits.split_at_checked(len).unwrap_or_default();
        match digits {
            [] => {
                let found =
                    after.first().map_or("the end".into(), |byte| format!("'{}'", byte.escape_ascii()));
                return Err(format!("column {column}: {found} stands where hexadecimal digits belong"));
            }
            [digit] if has_prefix => bytes.push(value(*digit)),
            _ if len % 2 != 0 => {
                return Err(format!("column {column}: an odd number of hexadecimal digits ({len})"));
            }
            _ => bytes.extend(digits.chunks_exact(2).map(|pair| match pair {
                [high, low] => value(*high) << 4 | value(*low),
                _ => 0, // chunks_exact gives pairs
            })),
        }
        rest = after;
    }
    Ok(bytes)
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",;:-{}[]()\"'".contains(&byte)
}

fn value(digit: u8) -> u8 {
    char::from(digit).to_digit(16).map_or(0, |value| value as u8)
}

/// Two digits a byte, nothing between.
pub(crate) fn write(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

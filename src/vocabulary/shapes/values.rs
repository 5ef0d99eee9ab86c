//! More of Python's own data: typed arrays, addresses, random generators, regular expressions, loggers and errors.
//!
//! None of these calls, opens or evaluates what it is given. A pattern is compiled when it is read, so that only those pass whose
//! compiling takes no longer than reading them.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::form::{Form, arguments_of};
use super::{arguments, plain};
use crate::graph::{Bytes, Value, View};

const TYPED: &str =
    "an honest file calls it with the code of a type and a list of numbers, or what its reconstructor takes";
/// Types of `array.array` (`Modules/arraymodule.c`).
const CODE: Form = Form::Word(&["b", "B", "u", "w", "h", "H", "i", "I", "l", "L", "q", "Q", "f", "d", "c"]);
/// Numbers of the formats that a machine may have: of bytes, of two's complement, of floats and of text.
const FORMATS: std::ops::RangeInclusive<i64> = 0..=21;

/// `array('i', [1, 2])`; since protocol 3 `_array_reconstructor(array, 'i', 8, b'…')`.
pub fn typed_array(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let name = plain::class(scene).to_owned();
    if name == "array" {
        const NUMBER: Form = Form::Either(&[Form::Wide, Form::Float, Form::Text]);
        arguments_of(scene, args, &[&[CODE], &[CODE, Form::Many(&NUMBER)]], TYPED)?;
        let [_, numbers] = arguments(scene, args, TYPED).unwrap_or([Value::NONE; 2]);
        // It takes any number of characters from a text.
        if !matches!(scene.heap.view(numbers), View::None | View::List(_)) {
            return Err(Misuse::act("its numbers are no list", TYPED));
        }
        scene.settle(args, Functions::Refused)?;
        return Ok(Made::Object(scene.name));
    }
    let [class, code, format, bytes] = arguments(scene, args, TYPED)?;
    let own = scene.heap.as_name(class).is_some_and(|(_, class)| &*class.qualname == "array");
    let own = own && scene.shape_of(class).is_some_and(|(_, shape)| shape == Shape::TypedArray);
    let known = scene.heap.view(format).int().is_some_and(|format| FORMATS.contains(&format));
    if !own || !CODE.fits(scene, code)? || !known || !matches!(scene.heap.view(bytes), View::Bytes(_)) {
        return Err(Misuse::act("it is called with something else", TYPED));
    }
    Ok(Made::Object(scene.name))
}

const ADDRESS: &str = "an honest file calls it with a whole number, or with the text of an address or network";
/// Longest text of one, with a scope: Python takes it apart with code of its own.
const LONG_ADDRESS: usize = 128;
/// How long that takes, in values read: 41 µs in Python 3.9.
const TAKEN_APART: u64 = 500;

/// `IPv4Address(167772161)`, `IPv6Address('::1')`, `IPv4Network('10.0.0.0/8')` (`Lib/ipaddress.py`, `__reduce__`).
pub fn address(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [of] = arguments(scene, args, ADDRESS)?;
    let plain = match scene.heap.view(of) {
        View::Int(0..) => true,
        View::Long(bytes) => bytes.len() <= 17,
        View::Text(text) => text.bytes().is_ascii() && text.bytes().len() <= LONG_ADDRESS,
        _ => false,
    };
    if !plain || scene.heap.as_object(of).is_some() {
        return Err(Misuse::act("it is called with something else", ADDRESS));
    }
    if matches!(scene.heap.view(of), View::Text(_)) {
        scene.budget.values(TAKEN_APART)?;
    }
    Ok(Made::Object(scene.name))
}

const RANDOM: &str = "an honest file calls it with nothing, and gives it a version, 625 numbers and at most a float";

/// `random.Random()`.
pub fn random(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [] = arguments(scene, args, RANDOM)?;
    Ok(Made::Object(scene.name))
}

/// The state of `random.Random` (`Lib/random.py`, `setstate`): 624 numbers of 32 bits, and how many of them are used up.
pub fn random_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let [version, numbers, next] = arguments(scene, state, RANDOM)?;
    let whole = |value: Value| scene.heap.view(value).int();
    let words: Vec<Value> =
        scene.heap.as_tuple(numbers).filter(|words| words.len() == 625).into_iter().flatten().collect();
    let word = |word: &Value| whole(*word).is_some_and(|word| u32::try_from(word).is_ok());
    let used = words.last().and_then(|used| whole(*used)).is_some_and(|used| (0..=624).contains(&used));
    let known = matches!(whole(version), Some(2 | 3)) && matches!(scene.heap.view(next), View::None | View::Float(_));
    if !known || !used || !words.iter().all(word) {
        return Err(Misuse::act("its state is something else", RANDOM));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const PATTERN: &str = "an honest file calls it with a pattern of at most 4 KiB and flags, of which none prints; where upper and \
                       lower case are the same, the pattern is ASCII";
/// Longest pattern, in bytes.
const LONG_PATTERN: usize = 4096;
/// `re.I`, `L`, `M`, `S`, `U`, `X` and `A`; not `re.DEBUG`, which prints.
const FLAGS: i64 = 2 | 4 | 8 | 16 | 32 | 64 | 256;
/// What compiling a byte of a pattern may take, and a set of characters of all alphabets, in values read. Measured with CPython 3.6 to
/// 3.13: 40 µs, and 4 ms.
const COST: u64 = 1000;
const SET: u64 = 200_000;

/// `re._compile(pattern, flags)`. Compiling takes time by the length of the pattern, but for a set of characters of all alphabets
/// whose case does not matter: Python looks at each of its 65,536 characters.
pub fn pattern(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [pattern, flags] = arguments(scene, args, PATTERN)?;
    let wrong = |what: &'static str| Misuse::act(what, PATTERN);
    let flags =
        scene.heap.view(flags).int().filter(|flags| flags & !FLAGS == 0).ok_or_else(|| wrong("it has other flags"))?;
    let plain = scene.heap.as_object(pattern).is_none();
    let bytes = match scene.heap.view(pattern) {
        View::Text(text) => text.bytes(),
        View::Bytes(blob) => match scene.heap.blob_bytes(blob) {
            Bytes::Kept(bytes) => bytes,
            Bytes::Passed => return Err(wrong("its pattern is too long")),
        },
        _ => return Err(wrong("its pattern is neither text nor bytes")),
    };
    if !plain || bytes.len() > LONG_PATTERN {
        return Err(wrong("its pattern is too long"));
    }
    let wide = matches!(scene.heap.view(pattern), View::Text(_)) && is_wide(bytes);
    let ignores = flags & 2 != 0 || ignores_case(bytes);
    if wide && ignores {
        return Err(wrong("case does not matter in it, and it has characters beyond ASCII"));
    }
    let sets = if wide { bytes.iter().filter(|byte| **byte == b'[').count() as u64 } else { 0 };
    // Where case does not matter, Python looks up another one for each character of a set.
    let each = if ignores { COST.saturating_mul(2) } else { COST };
    let cost = (bytes.len() as u64).saturating_mul(each).saturating_add(sets.saturating_mul(SET));
    scene.budget.values(cost)?;
    Ok(Made::Object(scene.name))
}

/// Whether a pattern has characters beyond the first 256, as they are or as `\u0100`, `\U00000100` or `\N{…}`.
fn is_wide(pattern: &[u8]) -> bool {
    !pattern.is_ascii() || pattern.windows(2).any(|pair| matches!(pair, [b'\\', b'u' | b'U' | b'N']))
}

/// Whether flags inside a pattern, such as `(?i)` or `(?im-s:…)`, say that case does not matter.
fn ignores_case(pattern: &[u8]) -> bool {
    let mut rest = pattern;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"(?") {
        rest = rest.get(at.saturating_add(2)..).unwrap_or_default();
        let mut flags = rest.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-');
        if flags.any(|byte| *byte == b'i') {
            return true;
        }
    }
    false
}

const LOGGER: &str = "an honest file calls it with the name of a logger, or with nothing";
/// Longest name of a logger, in bytes: each part of it makes one.
const LONG_LOGGER: usize = 256;
/// Bytes of what Python keeps for a part of such a name, for ever.
const PLACE: u64 = 1000;

/// `logging.getLogger('name')` (`Lib/logging/__init__.py`, `Logger.__reduce__`): looks it up, and makes one that does nothing yet if
/// there is none.
pub fn logger(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    // The root of all of them, before Python 3.9.
    if scene.heap.as_tuple(args).is_some_and(|args| args.is_empty()) {
        return Ok(Made::Object(scene.name));
    }
    let [name] = arguments(scene, args, LOGGER)?;
    let plain = scene.heap.as_object(name).is_none();
    let parts = match scene.heap.view(name) {
        View::Text(text) if plain && text.bytes().len() <= LONG_LOGGER => {
            text.bytes().split(|byte| *byte == b'.').count()
        }
        _ => return Err(Misuse::act("it is called with something else", LOGGER)),
    };
    scene.budget.memory((parts as u64).saturating_mul(PLACE))?;
    Ok(Made::Found(scene.name))
}

const ERROR: &str = "an honest file calls it with data, and gives it nothing but data";

/// `ValueError('message')`: an error is made, not raised.
pub fn error(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    if plain::class(scene) == DECODE && !is_decode_error(scene, args) {
        return Err(Misuse::act("it is about bytes that it does not have", ERROR));
    }
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

/// The one error that reads bytes by its own numbers when it is written out, and does not ask whether they lie there.
const DECODE: &str = "UnicodeDecodeError";

/// `UnicodeDecodeError('utf8', b'a', 0, 1, 'reason')`: of bytes from one place to another, where there are some
/// (`Objects/exceptions.c`, `UnicodeDecodeError_str`).
fn is_decode_error(scene: &Scene<'_>, args: Value) -> bool {
    let Some([codec, bytes, start, end, reason]) = scene.heap.as_tuple(args).and_then(|args| args.exactly()) else {
        return false;
    };
    let length = match scene.heap.view(bytes) {
        View::Bytes(blob) => scene.heap.blob(blob).and_then(|blob| i64::try_from(blob.len).ok()),
        View::Latin(bytes) => i64::try_from(bytes.len()).ok(),
        // Of Python 2, where it is ASCII.
        View::Text(text) if text.bytes().is_ascii() => i64::try_from(text.bytes().len()).ok(),
        _ => None,
    };
    let text = |value| matches!(scene.heap.view(value), View::Text(_)) && scene.heap.as_object(value).is_none();
    match (length, scene.heap.view(start).int(), scene.heap.view(end).int()) {
        (Some(length), Some(start), Some(end)) => {
            text(codec) && text(reason) && (0..length).contains(&start) && (start..=length).contains(&end)
        }
        _ => false,
    }
}

/// The state of an error, whose attributes are set one by one (`Objects/exceptions.c`, `BaseException_setstate`): those that its class
/// has, and any of its own. `UnicodeDecodeError` has numbers among them, by which it reads.
pub fn error_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const PARTS: &[(&str, Form)] =
        &[("args", Form::Many(&Form::Data)), ("name", Form::Either(&[Form::None, Form::Text])), ("obj", Form::None)];
    let pairs = scene.heap.as_dict(state).ok_or_else(|| Misuse::act("its state is no dict", ERROR))?;
    scene.budget.values(pairs.len() as u64)?;
    scene.budget.memory((pairs.len() as u64).saturating_mul(16))?;
    let open = plain::class(scene) != DECODE;
    for (key, value) in pairs.collect::<Vec<_>>() {
        let known = PARTS.iter().find(|(known, _)| scene.heap.is_text(key, known));
        let own = open && matches!(scene.heap.view(key), View::Text(text) if !text.bytes().starts_with(b"__"));
        let fits = match known {
            Some((_, form)) => form.fits(scene, value)?,
            None => own,
        };
        if !fits {
            return Err(Misuse::act(format!("its state has {}", super::shown(scene, key)), ERROR));
        }
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_that_does_not_matter_is_seen_in_the_flags_of_a_pattern() {
        for pattern in ["(?i)a", "a(?im-s:b)", "x(?-i:y)", "(?sxi)"] {
            assert!(ignores_case(pattern.as_bytes()), "{pattern}");
        }
        for pattern in ["(?P<i>a)", "(?u)i", "(?:i)", "(?=i)", "i(?", ""] {
            assert!(!ignores_case(pattern.as_bytes()), "{pattern}");
        }
        assert!(is_wide("é".as_bytes()) && is_wide(br"[\u0000-\uffff]") && is_wide(br"\N{DIGIT ONE}"));
        assert!(!is_wide(br"(?u)\b\w\w+\b") && !is_wide(br"[\x80-\xff]"));
    }
}

//! Reads a whole file: finds out what it is, unpacks it, and reads every pickle in it to the last byte.

use super::also;
use super::compress::{Codec, ZFILE, ZFILE_PREFIX, decoder, zfile};
use super::ctx::{Ctx, Reads};
use super::detect::{HEAD, converted, has_only_crlf, is_one_number, placeholder};
use super::fault::{Fault, Malformed};
use super::nothing::{Beginning, is_no_pickle};
use super::npy;
use super::pickle::Machine;
use super::zip;
use crate::bytes::{Input, InputStream, Limit, Reader, Stream, StreamFault};
use crate::graph::Value;

/// How the names of an archive's arrays end.
const NPY: &[u8] = b".npy";

/// What a pickle's value costs, in a list that grows: a file can hold one in two bytes.
const ROOT: u64 = 16;

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The value of each pickle that is not inside another, in order.
    pub roots: Vec<Value>,
    /// Compressor, if there is one.
    pub compressor: Option<&'static str>,
    /// What it is, if neither a pickle nor joblib's.
    pub container: Option<&'static str>,
}

/// Reads a file. On a fault, `parsed` holds what was read before it.
pub fn read(input: &mut Input, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    let mut head = also::Head::default();
    let fault = match read_file(input, ctx, parsed, &mut head) {
        Err(fault) if is_break(&fault) => fault,
        Ok(()) if ctx.suspects.is_empty() => return also::check(input, &head),
        other => return other,
    };
    // Of a file that breaks, the first chunk may say why.
    match input.chunk(0) {
        Ok(first) if has_only_crlf(&first) => Err(Fault::Malformed { at: 0, what: Malformed::LineEnds }),
        _ => Err(fault),
    }
}

/// Whether bytes break the rules of their format, and nobody has said yet that they are no longer what they were.
fn is_break(fault: &Fault) -> bool {
    match fault {
        Fault::Malformed {
            what: Malformed::LineEnd(_) | Malformed::Replaced | Malformed::Encoded | Malformed::Also(_),
            ..
        } => false,
        Fault::Malformed { .. } | Fault::Stream(StreamFault::Damaged { .. }) => true,
        _ => false,
    }
}

fn read_file(input: &mut Input, ctx: &mut Ctx<'_>, parsed: &mut Parsed, first: &mut also::Head) -> Result<(), Fault> {
    if input.size() > ctx.budget.limit(Limit::File) {
        return Err(ctx.budget.exceeded(Limit::File).into());
    }
    let size = input.size();
    let mut stream = InputStream::new(input);
    let head = stream.head(HEAD)?;
    if let Some(fault) = placeholder(head, size).or_else(|| converted(head)) {
        return Err(fault);
    }
    first.raw = head.to_vec();
    let archive = head.starts_with(zip::LOCAL) || zip::is_empty(head);
    let array = head.starts_with(npy::MAGIC);
    if archive || array {
        drop(stream);
        if archive {
            npz(input, ctx, parsed)?;
        } else {
            parsed.container = Some("npy");
            let mut reader = Reader::new(Box::new(InputStream::new(input)));
            only_array(&mut reader, ctx, parsed)?;
        }
        return Ok(input.finish()?);
    }
    let number = size <= HEAD as u64 && is_one_number(head);
    let codec = Codec::detect(head);
    if codec == Some(Codec::Bz2) {
        also::check_bz2(head, size)?;
    }
    let old = head.starts_with(ZFILE_PREFIX);
    if old {
        ctx.reads = Reads::OldJoblib;
    }
    let decoded = ctx.budget.limit(Limit::Decoded);
    let (result, is_nothing) = {
        let stream: Box<dyn Stream + '_> = match codec {
            _ if old => zfile(Box::new(stream), decoded, ctx.budget.window())?,
            Some(codec) => decoder(codec, Box::new(stream), 0, decoded, ctx.budget.window()),
            None => Box::new(stream),
        };
        parsed.compressor = if old { Some(ZFILE) } else { codec.map(Codec::name) };
        let mut reader = Reader::new(stream);
        reader.watch(first.watcher());
        let result = pickles(&mut reader, ctx, parsed);
        // Bytes that are no pickle at all are another thing than a pickle that breaks.
        let is_other = number || also::may_be_lzma(&first.raw);
        let unknown = first.decoded().first() != Some(&0x80) && ctx.imports == 0 && !is_other;
        let is_nothing = match &result {
            Err(fault) if unknown => {
                let whole = fills(first, &mut reader);
                is_no_pickle(fault, Beginning { bytes: &first.decoded(), whole }, ctx)
            }
            _ => false,
        };
        (result, is_nothing)
    };
    match result {
        Err(fault) if is_nothing => Err(Fault::Unknown { because: Some(Box::new(fault)) }),
        Err(fault) => Err(fault),
        Ok(()) => Ok(input.finish()?),
    }
}

/// Reads on until all is known of how a file begins, in whatever pieces it comes; whether it ends before.
fn fills(head: &also::Head, reader: &mut Reader<'_>) -> bool {
    while head.decoded().len() < also::BLOCK {
        match reader.byte() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// An array, and nothing behind it.
fn only_array(reader: &mut Reader<'_>, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    let array = npy::array(reader, ctx)?;
    if reader.peek()?.is_some() {
        return Err(Fault::Trailing { at: reader.offset(), because: None });
    }
    ctx.heap.steps_below(|| std::iter::once(array), &mut ctx.budget)?;
    parsed.roots.push(array);
    Ok(())
}

/// An archive of arrays (`numpy/lib/npyio.py`, `NpzFile`): a dict of them, by their names without `.npy`. An archive whose first
/// member is no array is something else, and so is one that holds arrays and what skops says of them.
fn npz(input: &mut Input, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    let first = zip::first_name(input)?;
    if first.is_some_and(|name| !name.ends_with(NPY)) {
        return Err(Fault::Archive(zip::known(input, &mut ctx.budget)?));
    }
    let directory = zip::directory(input, &mut ctx.budget)?;
    if let Some(skops) = zip::skops(directory.members.iter().map(|member| member.name.as_str())) {
        return Err(Fault::Archive(skops));
    }
    parsed.container = Some("npz");
    if directory.members.iter().any(|member| member.deflated) {
        parsed.compressor = Some(Codec::Deflate.name());
    }
    let mut archive = zip::Archive::new(input, directory);
    let mut arrays = Parsed::default();
    let mut pairs = Vec::new();
    while let Some(member) = archive.next()? {
        let Some(name) = member.name.strip_suffix(".npy") else {
            return Err(Fault::Malformed { at: 0, what: Malformed::Zip("a member is no array") });
        };
        let inside = |fault| match fault {
            fault @ Fault::Limit(_) => fault,
            fault => Fault::Inside { file: member.name.clone(), fault: Box::new(fault) },
        };
        let mut reader = Reader::new(archive.data(&member, &mut ctx.budget)?);
        only_array(&mut reader, ctx, &mut arrays).map_err(inside)?;
        drop(reader);
        archive.close(&member)?;
        let key = ctx.heap.text(name.as_bytes(), &mut ctx.budget)?;
        ctx.budget.memory(32)?;
        pairs.extend([key, arrays.roots.pop().unwrap_or(Value::NONE)]);
    }
    let dict = ctx.heap.dict(&mut ctx.budget)?;
    ctx.heap.extend(dict, pairs.into_iter(), &mut ctx.budget)?;
    parsed.roots.push(dict);
    Ok(())
}

/// Whether all that stands behind a pickle is a line end, of which the first byte was taken for an opcode at `start`.
fn is_line_end(reader: &mut Reader<'_>, fault: &Fault, start: u64) -> Result<bool, Fault> {
    let Fault::Malformed { at, what: Malformed::Opcode(first) } = fault else { return Ok(false) };
    let feed = *at == start && (*first == b'\n' || *first == b'\r' && reader.byte()? == Some(b'\n'));
    Ok(feed && reader.peek()?.is_none())
}

/// Reads pickles up to the end of the stream. Each is judged; bytes behind the last one that are no pickle are refused.
fn pickles(reader: &mut Reader<'_>, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    loop {
        let (start, imports) = (reader.offset(), ctx.imports);
        let mut machine = Machine::new(reader, ctx);
        let loaded = machine.load();
        if loaded.is_ok() && machine.more()? {
            machine.follow_shared_memo()?;
        }
        match loaded {
            Ok(root) => {
                ctx.budget.memory(ROOT)?;
                parsed.roots.push(root);
            }
            Err(fault @ (Fault::Malformed { .. } | Fault::Outside { .. }))
                if !parsed.roots.is_empty() && ctx.imports == imports =>
            {
                let because = Box::new(fault);
                return Err(match is_line_end(reader, &because, start)? {
                    true => Fault::LineEndBehind { at: start, because },
                    false => Fault::Trailing { at: start, because: Some(because) },
                });
            }
            Err(fault) => return Err(fault),
        }
        if ctx.suspects.is_empty()
            && let Some(far) = ctx.far.take()
        {
            return Err(far);
        }
        let ended = reader.peek()?.is_none();
        if ended {
            reader.show_end();
        }
        // A shadow is ahead of the machine by what is buffered; what it found is said when the machine is there, so that a file
        // is judged the same in whatever pieces it comes, and not at all where the machine itself found something.
        if ctx.suspects.is_empty()
            && let Some((at, what)) = ctx.followed.found.reached(if ended { u64::MAX } else { reader.offset() })
        {
            return Err(Fault::Otherwise { at, what });
        }
        if ended {
            return Ok(());
        }
    }
}

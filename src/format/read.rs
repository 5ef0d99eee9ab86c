//! Reads a whole file: finds out what it is, unpacks it, and reads every pickle in it to the last byte.

use super::compress::{Codec, ZFILE, ZFILE_PREFIX, decoder, zfile};
use super::ctx::{Ctx, Reads};
use super::detect::placeholder;
use super::fault::{Fault, Malformed};
use super::pickle::Machine;
use crate::bytes::{CHUNK, Input, InputStream, Limit, Reader, Stream};
use crate::graph::Value;

/// What a zip archive begins with. As a pickle it would ask for a persistent object.
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// Bytes of a file that tell what it is.
const HEAD: usize = 64;

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The value of each pickle that is not inside another, in order.
    pub roots: Vec<Value>,
    /// Compressor, if there is one.
    pub compressor: Option<&'static str>,
}

/// Reads a file. On a fault, `parsed` holds what was read before it.
pub fn read(input: &mut Input, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    if input.size() > ctx.budget.limit(Limit::File) {
        return Err(ctx.budget.exceeded(Limit::File).into());
    }
    let mut stream = InputStream::new(input);
    let head = stream.head(HEAD)?;
    if let Some(what) = placeholder(head) {
        return Err(Fault::NotFetched(what));
    }
    if head.starts_with(ARCHIVE) {
        return Err(Fault::Unknown);
    }
    let first = head.first().copied();
    let codec = Codec::detect(head);
    let old = head.starts_with(ZFILE_PREFIX);
    if old {
        ctx.reads = Reads::OldJoblib;
    }
    let decoded = ctx.budget.limit(Limit::Decoded);
    let result = {
        let stream: Box<dyn Stream + '_> = match codec {
            _ if old => zfile(Box::new(stream), decoded, ctx.budget.window())?,
            Some(codec) => decoder(codec, Box::new(stream), 0, decoded, ctx.budget.window()),
            None => Box::new(stream),
        };
        parsed.compressor = if old { Some(ZFILE) } else { codec.map(Codec::name) };
        pickles(Reader::new(stream), ctx, parsed)
    };
    // Bytes that are no pickle at all are another thing than a pickle that breaks.
    let unknown = parsed.compressor.is_none() && first != Some(0x80) && ctx.dotted == 0;
    match result {
        Err(fault) if unknown && is_no_pickle(&fault) => Err(Fault::Unknown),
        Err(fault) => Err(fault),
        Ok(()) => Ok(input.finish()?),
    }
}

/// Whether a file in which no name was met, and which does not begin with PROTO, breaks so that it never was a pickle: the
/// letters of a text are opcodes too.
fn is_no_pickle(fault: &Fault) -> bool {
    match fault {
        Fault::Malformed { at, what: Malformed::LineEnd(_) } => *at == 0,
        Fault::Trailing { at } => *at < HEAD as u64,
        Fault::Malformed { .. } | Fault::Outside { .. } => true,
        _ => false,
    }
}

/// Reads pickles up to the end of the stream. Each is judged; bytes behind the last one that are no pickle are refused.
fn pickles(mut reader: Reader<'_>, ctx: &mut Ctx<'_>, parsed: &mut Parsed) -> Result<(), Fault> {
    loop {
        let (start, dotted) = (reader.offset(), ctx.dotted);
        let mut machine = Machine::new(&mut reader, ctx);
        let loaded = machine.load();
        if loaded.is_ok() && parsed.roots.is_empty() && machine.more()? {
            machine.follow_shared_memo()?;
        }
        match loaded {
            Ok(root) => parsed.roots.push(root),
            Err(Fault::Malformed { .. } | Fault::Outside { .. })
                if !parsed.roots.is_empty() && ctx.dotted == dotted =>
            {
                return Err(Fault::Trailing { at: start });
            }
            Err(fault) => return Err(fault),
        }
        if let Some(root) = parsed.roots.last()
            && ctx.heap.is_deeper(*root, ctx.budget.limit(Limit::Depth))
        {
            return Err(ctx.budget.exceeded(Limit::Depth).into());
        }
        if ctx.suspects.is_empty()
            && let Some(far) = ctx.far.take()
        {
            return Err(far);
        }
        let ended = reader.peek()?.is_none();
        // A shadow is ahead of the machine by what is buffered; what it found is said when the machine is there, so that a file
        // is judged the same in whatever pieces it comes, and not at all where the machine itself found something.
        let reached = ctx.shadow.borrow().as_ref().is_some_and(|(at, _)| ended || *at < reader.offset());
        if reached
            && ctx.suspects.is_empty()
            && let Some((at, what)) = ctx.shadow.borrow_mut().take()
        {
            return Err(Fault::Otherwise { at, what });
        }
        if ended {
            return Ok(());
        }
        if parsed.roots.len() > CHUNK {
            return Err(Fault::Malformed { at: start, what: Malformed::Ended });
        }
    }
}

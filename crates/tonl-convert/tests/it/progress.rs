//! What is told about progress.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tonl_convert::{Compression, Format, Input, Job, Progress, Verify, convert};

#[test]
fn progress_tells_as_many_bytes_as_the_passes_promise() {
    let numbers: Vec<String> = (0..3_000).map(|n| n.to_string()).collect();
    let records = format!("{{\"a\":{}}}\n", numbers.join("}\n{\"a\":"));
    let json = format!("[{}]", records.trim_end().replace('\n', ","));
    let csv = format!("a,b\n{},x\n", numbers.join(",x\n"));
    let mut tonl = Vec::new();
    let job = Job::new(Format::Json, Format::Tonl);
    convert(
        &Input::from_bytes("a", json.clone().into_bytes()),
        &mut tonl,
        &job,
    )
    .unwrap();
    let texts = [
        (Format::Json, json.into_bytes()),
        (Format::Ndjson, records.into_bytes()),
        (Format::Csv, csv.into_bytes()),
        (Format::Tonl, tonl),
    ];
    for (from, text) in texts {
        for (to, verify) in [
            (Format::Tonl, Verify::Trust),
            (Format::Tonl, Verify::Compare),
            (Format::Ndjson, Verify::Compare),
            (Format::Csv, Verify::Trust),
        ] {
            for codec in [Compression::None, Compression::Gzip] {
                let mut job = Job::new(from, to);
                job.verify = verify;
                told_as_promised(&job, &text, codec);
            }
        }
    }
}

fn told_as_promised(job: &Job, text: &[u8], codec: Compression) {
    let mut writer = codec.writer(Vec::new()).unwrap();
    writer.write_all(text).unwrap();
    let input = Input::from_bytes("a", writer.finish().unwrap());
    let Some(passes) = job.passes(&input).unwrap() else {
        assert_eq!((job.from, job.to), (Format::Tonl, Format::Tonl));
        return;
    };
    let promised = passes * input.stored_bytes().unwrap();
    let told = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&told);
    let progress = Progress::new(move |bytes| {
        counter.fetch_add(bytes, Ordering::Relaxed);
    });
    convert(&input.telling(progress), &mut Vec::new(), job).unwrap();
    let told = told.load(Ordering::Relaxed);
    // Scaled counts are rounded down, once for each step.
    assert!(
        told <= promised && promised - told <= 8,
        "{job:?} {codec}: {told} of {promised}"
    );
}

//! Any bytes as Picture.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cv_fuzz::read(bytes, cv::Format::Image));

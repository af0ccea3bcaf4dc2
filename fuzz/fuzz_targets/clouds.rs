//! Any texts as clouds.yaml, secure.yaml and clouds-public.yaml, parted by lines of `%%`, and a region after another one: they are merged or refused without a panic, no error
//! shows a secret, and a file merged over itself changes nothing.

#![no_main]

use heatclient::config::{CloudConfig, ConfigBuilder};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "swordfish-of-the-fuzzer";

fuzz_target!(|text: &str| {
    let mut texts = text.split("\n%%\n");
    let mut next = || texts.next().unwrap_or_default();
    let (clouds, secure, public, region) = (next(), next(), next(), next());
    let clouds = clouds.replace("SECRET", SECRET);
    let builder = ConfigBuilder::new().explicit([("region_name", region)]);
    let builder = builder.document("clouds.yaml", clouds.as_str());
    let once = builder.build();
    let twice = builder.clone().document("secure.yaml", clouds.as_str()).build();
    match (&once, &twice) {
        (Ok(once), Ok(twice)) => assert_eq!(values(once), values(twice)),
        (Err(once), Err(twice)) => assert_eq!(once.kind(), twice.kind()),
        _ => panic!("{once:?} {twice:?}"),
    }
    let all = builder.document("secure.yaml", secure).document("clouds-public.yaml", public);
    for result in [once, all.build()] {
        let shown = match &result {
            Ok(cloud) => format!("{cloud:?} {:?}", cloud.credentials().map(drop)),
            Err(error) => format!("{error} {error:?}"),
        };
        // A text in place of a name, as that of a cloud, may be shown.
        if clouds.contains(&format!("password: {SECRET}\n")) && clouds.matches(SECRET).count() == 1 {
            assert!(!shown.contains(SECRET), "{shown}");
        }
    }
});

fn values(cloud: &CloudConfig) -> Vec<(String, String)> {
    let settings = cloud.settings().iter();
    let mut values: Vec<_> = settings
        .map(|setting| (setting.name().to_owned(), setting.value().to_owned()))
        .collect();
    values.sort();
    values
}

//! A tree of templates like those of large deployments, the same at every call.

use std::fmt::Write as _;
use std::path::Path;

use fastrand::Rng;

/// The maximum number of nested templates in each template.
const FAN: usize = 3;
const NESTED: usize = 400;
/// The length of a chain of nested templates.
const CHAIN: usize = 40;
/// The number of templates that the registry maps types to.
const SERVICES: usize = 400;
/// The number of templates that many of those refer to.
const COMMON: usize = 20;
const SCRIPTS: usize = 140;
const ENVIRONMENTS: usize = 50;

const WORDS: [&str; 24] = [
    "api",
    "backend",
    "bootstrap",
    "cache",
    "certificate",
    "cluster",
    "compute",
    "container",
    "database",
    "endpoint",
    "firewall",
    "gateway",
    "handler",
    "identity",
    "listener",
    "metadata",
    "network",
    "policy",
    "profile",
    "queue",
    "scheduler",
    "storage",
    "token",
    "volume",
];

/// Writes the tree: `plan.yaml`, 1,000 files below it, and the directory `environments`.
pub(crate) fn generate(root: &Path) {
    let mut rng = Rng::with_seed(20_240_501);
    let plan = ["nested/n0.yaml", "chain/c0.yaml"].map(str::to_owned);
    write(root, "plan.yaml", &template(&mut rng, &plan, &[]));
    for n in 0..NESTED {
        let children = (n * FAN + 1..=n * FAN + FAN).filter(|child| *child < NESTED);
        let children: Vec<_> = children
            .map(|child| format!("n{n}/n{child}.yaml"))
            .collect();
        let path = nested(n);
        let up = "../".repeat(path.matches('/').count());
        let text = template(&mut rng, &children, &scripts(n, 5, &up));
        write(root, &path, &text);
    }
    for n in 0..CHAIN {
        let next = (n + 1 < CHAIN).then(|| format!("c{}.yaml", n + 1));
        let text = template(&mut rng, &Vec::from_iter(next), &[]);
        write(root, &format!("chain/c{n}.yaml"), &text);
    }
    for n in 0..SERVICES {
        let common = format!("../../common/common{}.yaml", n % COMMON);
        let text = template(&mut rng, &[common], &scripts(n, 3, "../../"));
        write(root, &service(n), &text);
    }
    for n in 0..COMMON {
        let text = template(&mut rng, &[], &[]);
        write(root, &format!("common/common{n}.yaml"), &text);
    }
    for n in 0..SCRIPTS {
        let length = rng.usize(10 << 10..50 << 10);
        write(root, &format!("scripts/s{n}.sh"), &script(n as u64, length));
    }
    for n in 0..ENVIRONMENTS {
        let text = environment(&mut rng, n);
        write(root, &format!("environments/{n:02}.yaml"), &text);
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    let directory = path.parent().expect("it is below the root");
    std::fs::create_dir_all(directory).expect("a directory can be made");
    std::fs::write(path, text).expect("a file can be written");
}

/// The path of a nested template: in a directory that has the name of the referring template.
fn nested(n: usize) -> String {
    let mut path = format!("n{n}.yaml");
    let mut n = n;
    while n > 0 {
        n = (n - 1) / FAN;
        path = format!("n{n}/{path}");
    }
    format!("nested/{path}")
}

fn service(n: usize) -> String {
    format!("deployment/{}/service{n}.yaml", WORDS[n % WORDS.len()])
}

/// The scripts of some templates. Several templates may share a script.
fn scripts(n: usize, every: usize, up: &str) -> Vec<String> {
    let number = n / every % SCRIPTS;
    let is_one = n.is_multiple_of(every);
    Vec::from_iter(is_one.then(|| format!("{up}scripts/s{number}.sh")))
}

fn template(rng: &mut Rng, nested: &[String], scripts: &[String]) -> String {
    let mut out = String::from("heat_template_version: wallaby\n\ndescription: >\n");
    let _ = writeln!(out, "  {}", phrase(rng, 20));
    let parameters: Vec<_> = (0..rng.usize(6..20)).map(|_| camel(rng)).collect();
    out.push_str("\nparameters:\n");
    for (n, name) in parameters.iter().enumerate() {
        let (kind, default) = match rng.u8(0..6) {
            0 => ("json", "{}".to_owned()),
            1 => ("boolean", rng.bool().to_string()),
            2 => ("number", rng.u16(..).to_string()),
            3 => (
                "comma_delimited_list",
                format!("'{},{}'", word(rng), word(rng)),
            ),
            _ => ("string", format!("'{}'", word(rng))),
        };
        let _ = writeln!(
            out,
            "  {name}{n}:\n    default: {default}\n    description: {}.\n    type: {kind}",
            phrase(rng, 14)
        );
    }
    let any = |rng: &mut Rng| {
        let n = rng.usize(..parameters.len());
        format!("{{get_param: {}{n}}}", parameters[n])
    };
    out.push_str("\nconditions:\n");
    let _ = writeln!(out, "  is_enabled: {{equals: [{}, 'true']}}", any(rng));
    out.push_str("\nresources:\n");
    for (n, child) in nested.iter().enumerate() {
        let _ = writeln!(out, "  Nested{n}:\n    type: {child}\n    properties:");
        for n in 0..6 {
            let _ = writeln!(out, "      {}{n}: {}", camel(rng), any(rng));
        }
    }
    for (n, script) in scripts.iter().enumerate() {
        let _ = writeln!(
            out,
            "  Script{n}:\n    type: OS::Heat::SoftwareConfig\n    properties:\n      group: script\n      \
             config: {{get_file: {script}}}"
        );
    }
    let _ = writeln!(
        out,
        "  RoleConfig:\n    type: OS::Heat::Value\n    condition: is_enabled\n    properties:\n      \
         type: json\n      value:\n        str_replace:\n          template: |"
    );
    for _ in 0..rng.usize(5..25) {
        let _ = writeln!(
            out,
            "            {} --{} \"$VALUE\"",
            word(rng),
            phrase(rng, 6)
        );
    }
    let _ = writeln!(out, "          params:\n            $VALUE: {}", any(rng));
    out.push_str("\noutputs:\n  role_data:\n");
    let _ = writeln!(out, "    description: {}.\n    value:", phrase(rng, 8));
    let _ = writeln!(out, "      service_name: {}", word(rng));
    out.push_str("      config_settings:\n        map_merge:\n");
    for _ in 0..rng.usize(1..3) {
        out.push_str("          -\n");
        for n in 0..rng.usize(4..20) {
            let key = format!("{}::{}::{}{n}", word(rng), word(rng), word(rng));
            let _ = writeln!(out, "            {key}: {}", any(rng));
        }
    }
    out.push_str("      docker_config:\n");
    for step in 1..rng.usize(2..5) {
        let _ = writeln!(out, "        # {}\n        step_{step}:", phrase(rng, 9));
        for n in 0..rng.usize(1..4) {
            let _ = writeln!(
                out,
                "          {}_{n}:\n            image: &image{step}_{n} {}\n            net: host\n            \
                 privileged: false\n            restart: always\n            healthcheck: {{test: \
                 /openstack/healthcheck}}\n            volumes:\n              list_concat:",
                word(rng),
                any(rng)
            );
            out.push_str("                - {get_attr: [RoleConfig, value]}\n                -\n");
            for _ in 0..rng.usize(2..7) {
                let (from, to) = (word(rng), word(rng));
                let _ = writeln!(
                    out,
                    "                  - /var/lib/{from}:/etc/{to}/{from}.conf:ro"
                );
            }
            out.push_str(
                "            environment:\n              KOLLA_CONFIG_STRATEGY: COPY_ALWAYS\n",
            );
        }
    }
    out.push_str("      host_prep_tasks:\n");
    for _ in 0..rng.usize(2..14) {
        let _ = writeln!(
            out,
            "        - name: {}\n          file:\n            path: \"{{{{ item.path }}}}/{}\"\n            \
             state: directory\n            mode: 0750\n          with_items:",
            phrase(rng, 5),
            word(rng)
        );
        for _ in 0..rng.usize(1..4) {
            let _ = writeln!(
                out,
                "            - {{ 'path': /var/log/{}, 'setype': container_file_t }}",
                word(rng)
            );
        }
        let _ = writeln!(out, "          when: not {}|bool", word(rng));
    }
    out
}

fn environment(rng: &mut Rng, number: usize) -> String {
    let mut out = format!("# {}\nresource_registry:\n", phrase(rng, 12));
    // The first registry maps all types, the others override some.
    let types = if number == 0 {
        (0..SERVICES).collect()
    } else {
        rng.choose_multiple(0..SERVICES, 12)
    };
    for n in types {
        let target = service((n + number) % SERVICES);
        let _ = writeln!(out, "  OS::Plan::Services::Service{n}: ../{target}");
    }
    out.push_str("\nparameter_defaults:\n");
    for n in 0..rng.usize(20..60) {
        let (name, value) = (camel(rng), phrase(rng, 3));
        let _ = writeln!(out, "  # {}\n  {name}{n}: {value}", phrase(rng, 10));
    }
    for n in 0..rng.usize(5..15) {
        let _ = writeln!(out, "  {}Map{number}x{n}:", camel(rng));
        for key in 0..rng.usize(3..12) {
            let _ = writeln!(
                out,
                "    {}{key}: [{}, {}]",
                word(rng),
                word(rng),
                rng.u16(..)
            );
        }
    }
    out
}

/// A template that refers to many scripts.
pub(crate) fn flat(files: usize) -> String {
    let mut out = String::from("heat_template_version: wallaby\nresources:\n");
    for n in 0..files {
        let _ = writeln!(
            out,
            "  Script{n}:\n    type: OS::Heat::SoftwareConfig\n    properties:\n      \
             config: {{get_file: scripts/s{n}.sh}}"
        );
    }
    out
}

/// A script of at least this many bytes.
pub(crate) fn script(seed: u64, length: usize) -> String {
    let mut rng = Rng::with_seed(seed);
    let rng = &mut rng;
    let mut out = String::from("#!/bin/bash\nset -eu\n\n");
    while out.len() < length {
        let _ = writeln!(
            out,
            "# {}.\nif [ -n \"${{{}:-}}\" ]; then\n    echo \"{}: $(date)\" >> /var/log/{}.log\n    {} --{} \
             || exit {}\nfi\n",
            phrase(rng, 12),
            word(rng).to_uppercase(),
            phrase(rng, 4),
            word(rng),
            word(rng),
            word(rng),
            rng.u8(1..5)
        );
    }
    out
}

fn word(rng: &mut Rng) -> &'static str {
    WORDS[rng.usize(..WORDS.len())]
}

fn phrase(rng: &mut Rng, words: usize) -> String {
    let words: Vec<_> = (0..words).map(|_| word(rng)).collect();
    words.join(" ")
}

/// `StorageBackend`
fn camel(rng: &mut Rng) -> String {
    let words = [word(rng), word(rng)];
    let capital = words.map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    });
    capital.concat()
}

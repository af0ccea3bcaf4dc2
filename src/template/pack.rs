//! Packs a template and environments for a request.

use serde::Serialize;

use super::document::content;
use super::documents::Documents;
use super::hook::Hook;
use super::merge::Merged;
use super::package::{Json, MissingParameter, Package, Parameters};
use super::policy::Policy;
use super::problem::{Place, Problem, Problems};
use super::read::Reader;
use super::role::Role;
use super::rules::{Severity, UNREADABLE};
use super::source::Source;
use super::walk::Walk;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::yaml::{Content, Node};

/// Packs a template, environments and the files that they refer to into a [`Package`].
///
/// References (`get_file`, and types that are files) are relative to the document that contains them.
/// Each document is read once, several at a time. No network is needed unless a document is on a server.
///
/// ```no_run
/// # async fn example(heat: heatclient::Client) -> heatclient::Result<()> {
/// use heatclient::heat::NewStack;
/// use heatclient::template::Packer;
///
/// let package = Packer::new()
///     .template("web.yaml")
///     .environment("common.yaml")
///     .environment("production.yaml")
///     .pack()
///     .await?;
/// heat.stacks().create(NewStack::new("web", package).parameter("size", 3)).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is read before pack is awaited"]
pub struct Packer {
    template: Option<Source>,
    environments: Vec<Source>,
    parameters: Parameters,
    parameter_files: Vec<(String, Source)>,
    hooks: Vec<(String, Hook)>,
    files_container: Option<String>,
    policy: Policy,
    session: Option<Session>,
    is_anonymous: bool,
    /// The first error of a setter.
    error: Option<Error>,
}

impl Packer {
    /// An empty packer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the template: a path, or a URL with the scheme `file`, `http` or `https`.
    pub fn template(mut self, template: impl Into<Source>) -> Self {
        self.template = Some(template.into());
        self
    }

    /// Adds an environment. Later ones have priority over earlier ones.
    pub fn environment(mut self, environment: impl Into<Source>) -> Self {
        self.environments.push(environment.into());
        self
    }

    /// Sets a parameter of the template. It has priority over the environments.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(value) => {
                self.parameters.insert(name, value);
            }
            Err(e) => {
                let message = format!("the value of parameter {name:?} cannot be written as JSON");
                let error = Error::new(ErrorKind::Config, message).with_source(e);
                self.error.get_or_insert(error);
            }
        }
        self
    }

    /// Sets a parameter of the template to the content of a file. A relative path is looked up in the
    /// working directory, then beside the template. Content that is not UTF-8 is encoded in base64.
    pub fn parameter_file(mut self, name: impl Into<String>, file: impl Into<Source>) -> Self {
        self.parameter_files.push((name.into(), file.into()));
        self
    }

    /// Adds a hook, at which Heat stops, to a resource: `web`, or `servers/0/web` in nested stacks; `*`
    /// matches any part of a name. The hooks of the environments are kept.
    pub fn hook(mut self, resource: impl Into<String>, hook: Hook) -> Self {
        self.hooks.push((resource.into(), hook));
        self
    }

    /// Names the Swift container from which Heat reads the environments and all files. The packer then
    /// reads only the template.
    pub fn files_container(mut self, container: impl Into<String>) -> Self {
        self.files_container = Some(container.into());
        self
    }

    /// Sets what may be read, and how much.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the session whose token is used for documents that need one, such as Swift objects. The token
    /// is sent only to origins in the cloud's catalog.
    pub fn session(mut self, session: Session) -> Self {
        self.session = Some(session);
        self.is_anonymous = false;
        self
    }

    /// Sets a session whose connections, certificates and timeouts are used to read documents. Its token is
    /// not used.
    pub fn anonymous_session(mut self, session: Session) -> Self {
        self.session = Some(session);
        self.is_anonymous = true;
        self
    }

    /// Reads all documents and packs them.
    ///
    /// # Errors
    /// [`ErrorKind::Template`] with all [problems](Error::problems), and the errors of [`lint`](Self::lint).
    pub async fn pack(self) -> Result<Package> {
        let gathered = self.gather(false).await?;
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let errors = gathered.problems.iter().filter(is_error);
        match Problems::into_error(errors.cloned().collect()) {
            Some(error) => Err(error),
            None => self.assemble(gathered),
        }
    }

    /// Reads all documents and checks all [`RULES`](super::RULES): those that prevent packing, and those that
    /// are found only here.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> heatclient::Result<()> {
    /// use heatclient::template::Packer;
    /// use heatclient::template::Source;
    ///
    /// let web = Source::text("heat_template_version: 2021-04-17\n").named("web.yaml");
    /// let problems = Packer::new().template(web).lint().await?;
    /// assert_eq!(
    ///     problems[0].to_string(),
    ///     "web.yaml, line 1, column 24: unknown version `2021-04-17`; did you mean `2021-04-16`?",
    /// );
    /// assert_eq!(problems[0].rule, "unknown-version");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for an invalid URL, a parameter that is not JSON, or options that exclude each
    /// other; [`ErrorKind::Cancelled`] if the runtime shuts down.
    pub async fn lint(self) -> Result<Vec<Problem>> {
        let gathered = self.gather(true).await?;
        let are_read = self.files_container.is_none();
        let set = are_read.then(|| gathered.parameters.keys().map(String::as_str));
        Ok(gathered.documents.lint(gathered.problems, set))
    }

    /// Reads all documents and merges the environments.
    async fn gather(&self, keep: bool) -> Result<Gathered> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let mut texts = self
            .environments
            .iter()
            .filter(|source| source.in_container().is_none());
        if let (Some(_), Some(text)) = (&self.files_container, texts.next()) {
            let message = format!(
                "{} is not in the files container; name it by its path in the container",
                text.name()
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        if self.files_container.is_some() && !self.hooks.is_empty() && !self.environments.is_empty()
        {
            return Err(Error::new(
                ErrorKind::Config,
                "hooks cannot be combined with environments in a files container, because Heat reads only those; \
                 add the hooks to one of them",
            ));
        }
        let is_whole = self.files_container.is_none();
        let policy = self.policy.clone();
        let reader = match self.session.clone() {
            Some(session) if self.is_anonymous => Reader::anonymous(policy, session),
            session => Reader::new(policy, session),
        };
        let mut walk = Walk::new(reader.clone(), is_whole, keep);
        let template = self.template.as_ref();
        let template = template
            .map(|source| walk.start(source, Role::Template))
            .transpose()?;
        let mut environments = Vec::new();
        for source in self.environments.iter().filter(|_| is_whole) {
            environments.push(walk.start(source, Role::Environment)?);
        }
        let (parameters, mut unreadable) = self.read_parameters(&reader).await?;
        let mut documents = walk.read().await?;
        let mut problems = documents.problems(self.policy.total_limit);
        problems.append(&mut unreadable);

        let declared = template.map(|id| documents.declared(id));
        let mut environment = Merged::default();
        for id in environments {
            if let (Some((name, root)), Some(text)) =
                (documents.take_root(id), documents.take_content(id))
            {
                let has_values = !parameters.is_empty();
                environment.add(&name, &text, root, declared.as_ref(), has_values);
            }
        }
        problems.append(&mut environment.problems);
        if template.is_some() {
            environment.encrypt_only(&parameters);
        }
        for (path, hook) in &self.hooks {
            environment.hook(path, hook.as_str());
        }
        Ok(Gathered {
            documents,
            template,
            environment,
            parameters,
            problems,
        })
    }

    /// The values of parameters, including those in files, and the problems of the files.
    async fn read_parameters(&self, reader: &Reader) -> Result<(Parameters, Vec<Problem>)> {
        let (mut parameters, mut problems) = (self.parameters.clone(), Vec::new());
        let template = self.template.as_ref();
        let template = template.and_then(|template| template.locate().ok());
        let template = template.as_ref().map(|(location, _)| location);
        for (name, file) in &self.parameter_files {
            match file.read_beside(template, reader).await? {
                Ok(bytes) => {
                    if parameters
                        .insert(name.clone(), content(bytes).into())
                        .is_some()
                    {
                        let message = format!(
                            "parameter {name:?} is set more than once; remove all values but one"
                        );
                        return Err(Error::new(ErrorKind::Config, message));
                    }
                }
                Err(why) => {
                    let message =
                        format!("cannot be read as the value of parameter {name:?}: {why}");
                    let place = Place::whole(file.name());
                    problems.push(Problem::new(&UNREADABLE, place, message));
                }
            }
        }
        Ok((parameters, problems))
    }

    fn assemble(self, gathered: Gathered) -> Result<Package> {
        let Gathered {
            mut documents,
            template,
            environment,
            parameters,
            problems,
        } = gathered;
        let mut package = Package {
            depth: documents.depth(),
            parameters,
            warnings: problems,
            ..Package::default()
        };
        if let Some(id) = template {
            let given = |name: &str| environment.has(name) || package.parameters.contains_key(name);
            let are_known = self.files_container.is_none() || self.environments.is_empty();
            if let Some((_, root)) = documents.take_root(id).filter(|_| are_known) {
                package.missing = missing_parameters(&root, given);
            }
            package.template = documents.take_content(id).map(Json::written).transpose()?;
        }
        package.environment = environment.into_json().map(Json::written).transpose()?;
        package.files = documents.into_files();
        if self.files_container.is_some() {
            let names = self.environments.iter().filter_map(Source::in_container);
            package.environment_files = names.collect();
            package.files_container = self.files_container;
        }
        Ok(package)
    }
}

/// The parts of a package before it is assembled.
struct Gathered {
    documents: Documents,
    template: Option<usize>,
    environment: Merged,
    parameters: Parameters,
    problems: Vec<Problem>,
}

/// The parameters that the template declares without a default and that have no value.
fn missing_parameters(template: &Node, given: impl Fn(&str) -> bool) -> Vec<MissingParameter> {
    // The keys of HOT are in lower case; those of CloudFormation begin with a capital letter.
    fn get<'a>(node: &'a Node, hot: &str, cfn: &str) -> Option<&'a Node> {
        node.get(hot).or_else(|| node.get(cfn))
    }
    let declared = get(template, "parameters", "Parameters").and_then(Node::as_mapping);
    let mut missing = Vec::new();
    for (name, declaration) in declared.into_iter().flatten() {
        let of = |hot, cfn| get(&declaration.value, hot, cfn);
        if of("default", "Default").is_some() || given(name) {
            continue;
        }
        let description = of("description", "Description");
        missing.push(MissingParameter {
            name: name.clone(),
            description: description.and_then(Node::as_text).map(str::to_owned),
            is_hidden: of("hidden", "NoEcho").is_some_and(is_true),
        });
    }
    missing
}

/// Heat accepts strings as booleans.
fn is_true(node: &Node) -> bool {
    match &node.content {
        Content::Bool(value) => *value,
        Content::Text(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

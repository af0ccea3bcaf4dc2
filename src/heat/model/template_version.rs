use super::object::object;
use super::words::words;

words! {
    /// The format of a template.
    pub enum TemplateFormat {
        /// Heat's own format: `heat_template_version`.
        Hot = "hot",
        /// The format of CloudFormation.
        Cfn = "cfn",
    }
}

object! {
    /// A version of the template language.
    pub struct TemplateVersion {
        /// Its name: `heat_template_version.2021-04-16`.
        required "version" => version: String,
        /// The format of the templates.
        optional "type" => format: TemplateFormat,
        /// Other names of the version: `heat_template_version.wallaby`.
        optional "aliases" => aliases: Vec<String>,
    }
}

object! {
    /// A function of the template language.
    pub struct TemplateFunction {
        /// Its name: `get_param`.
        required "functions" => name: String,
        /// Its description.
        optional "description" => description: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_functions_are_written_as_they_came() {
        for (text, aliases) in [
            (
                r#"{"version":"heat_template_version.2016-10-14","type":"hot","aliases":["heat_template_version.newton"]}"#,
                1,
            ),
            // Heat before Newton has no aliases.
            (
                r#"{"version":"HeatTemplateFormatVersion.2012-12-12","type":"cfn"}"#,
                0,
            ),
            (
                r#"{"version":"x.1","type":"new","aliases":null,"more":1}"#,
                0,
            ),
        ] {
            let version: TemplateVersion = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&version).unwrap(), text);
            assert_eq!(version.aliases.len(), aliases);
        }
        let text = r#"{"functions":"get_param","description":"A function."}"#;
        let function: TemplateFunction = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&function).unwrap(), text);
    }
}

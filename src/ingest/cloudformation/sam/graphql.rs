//! APIs of `AppSync`: the role that writes their logs, and those with which they reach tables and functions.

use crate::document::NodeId;

use super::super::template::Declared;
use super::Expansion;

impl Expansion<'_> {
    /// An API, and the roles that the transform makes for it.
    pub(super) fn graphql_api(&mut self, declared: &Declared) {
        self.out.push(declared.clone());
        let Some(properties) = self.tree.get(declared.body, "Properties") else { return };
        let logging = self.tree.get(properties, "Logging");
        let is_off = logging.is_some_and(|logging| self.tree.scalar(logging) == Some("false"));
        let has_role =
            logging.is_some_and(|logging| self.tree.get(logging, "CloudWatchLogsRoleArn").is_some());
        if !is_off && !has_role {
            let mut make = self.make(logging.unwrap_or(declared.node));
            let managed = make.managed("service-role/AWSAppSyncPushToCloudWatchLogs");
            self.appsync_role(declared, &format!("{}CloudWatchRole", declared.id), declared.node, &[managed]);
        }
        let Some(sources) = self.tree.get(properties, "DataSources") else { return };
        for (name, source) in self.entries(sources, "DynamoDb") {
            let table = self.table_arn(source);
            let permissions = self.tree.get(source, "Permissions").unwrap_or_else(|| {
                let mut make = self.make(source);
                make.texts(["Read", "Write"])
            });
            let id = format!("{}{name}DynamoDBDataSource", declared.id);
            self.data_source(
                declared,
                &id,
                source,
                "ToTableConnector",
                ("AWS::DynamoDB::Table", table),
                permissions,
            );
        }
        for (name, source) in self.entries(sources, "Lambda") {
            let function = self.tree.get(source, "FunctionArn");
            let permissions = self.make(source).texts(["Write"]);
            let id = format!("{}{name}LambdaDataSource", declared.id);
            let to = ("AWS::Lambda::Function", function);
            self.data_source(declared, &id, source, "ToLambdaConnector", to, permissions);
        }
    }

    /// The ARN of the table of a data source.
    fn table_arn(&mut self, source: NodeId) -> Option<NodeId> {
        if let Some(given) = self.tree.get(source, "TableArn") {
            return Some(given);
        }
        let (table, region) = (self.tree.get(source, "TableName")?, self.tree.get(source, "Region"));
        let mut make = self.make(source);
        let region = region.unwrap_or_else(|| make.reference("AWS::Region"));
        let variables = [("__Region__".to_owned(), region), ("__TableName__".to_owned(), table)];
        let text = "arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}";
        Some(make.sub_with(text, &variables))
    }

    /// The role of a data source, and the connector that lets it reach what it reads.
    #[expect(clippy::too_many_arguments, reason = "all of it is what a data source says")]
    fn data_source(
        &mut self,
        api: &Declared,
        id: &str,
        source: NodeId,
        connector: &str,
        (ty, arn): (&str, Option<NodeId>),
        permissions: NodeId,
    ) {
        if self.tree.get(source, "ServiceRoleArn").is_some() {
            return;
        }
        let role = format!("{id}Role");
        self.appsync_role(api, &role, source, &[]);
        let Some(arn) = arn else { return };
        let condition = self.tree.get(api.body, "Condition");
        let mut make = self.make(source);
        let (from, to, name) = (make.text("AWS::AppSync::DataSource"), make.text(ty), make.reference(&role));
        let from = make.map(&[("Type", from), ("RoleName", name)]);
        let to = make.map(&[("Type", to), ("Arn", arn)]);
        let properties = make.map(&[("Source", from), ("Destination", to), ("Permissions", permissions)]);
        let body = make.declaration("AWS::Serverless::Connector", condition, properties);
        self.push_made(api, &format!("{id}{connector}"), body);
    }

    fn appsync_role(&mut self, api: &Declared, id: &str, place: NodeId, managed: &[NodeId]) {
        let condition = self.tree.get(api.body, "Condition");
        let mut make = self.make(place);
        let trust = make.trust("appsync.amazonaws.com");
        let mut entries = vec![("AssumeRolePolicyDocument", trust)];
        if !managed.is_empty() {
            entries.push(("ManagedPolicyArns", make.list(managed)));
        }
        let properties = make.map(&entries);
        let body = make.declaration("AWS::IAM::Role", condition, properties);
        self.push_made(api, id, body);
    }
}

//! The table operations that the project leans on, through the SDK.

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, Put, ReturnValuesOnConditionCheckFailure, ScalarAttributeType, TransactWriteItem,
    },
};
use futures::future::join_all;

use crate::support::{Clients, start};

const TABLE: &str = "photos";

async fn create(clients: &Clients) {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let mut table = clients.dynamodb.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    for name in ["PK", "SK", "G1PK", "G1SK"] {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        table = table.attribute_definitions(attribute.build().unwrap());
    }
    let index = GlobalSecondaryIndex::builder()
        .index_name("by-queue")
        .key_schema(key("G1PK", KeyType::Hash))
        .key_schema(key("G1SK", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    table
        .key_schema(key("PK", KeyType::Hash))
        .key_schema(key("SK", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .send()
        .await
        .unwrap();
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[tokio::test]
async fn a_conditional_put_answers_the_row_that_was_there() {
    let emulated = start().await;
    create(&emulated.clients).await;
    let put = |state: &'static str| {
        let put = emulated.clients.dynamodb.put_item().table_name(TABLE).item("PK", text("P#1")).item("SK", text("M"));
        put.item("state", text(state))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    put("reserved").await.unwrap();
    let refused = put("again").await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.item().unwrap()["state"], text("reserved"));
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_and_changes_nothing() {
    let emulated = start().await;
    create(&emulated.clients).await;
    let put = |pk: &str| {
        let put = Put::builder().table_name(TABLE).item("PK", text(pk)).item("SK", text("M"));
        let put = put.condition_expression("attribute_not_exists(PK)").build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    emulated.clients.dynamodb.transact_write_items().transact_items(put("old")).send().await.unwrap();
    let both = emulated.clients.dynamodb.transact_write_items().transact_items(put("new")).transact_items(put("old"));
    let cancelled = both.send().await.unwrap_err().into_service_error();
    assert_eq!(cancelled.code(), Some("TransactionCanceledException"));
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = cancelled
    else {
        panic!("{cancelled:?}");
    };
    let codes: Vec<_> =
        cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    let new = emulated.clients.dynamodb.get_item().table_name(TABLE).key("PK", text("new")).key("SK", text("M"));
    assert!(new.send().await.unwrap().item.is_none());
}

#[tokio::test]
async fn an_index_is_queried_newest_first_in_pages_and_all_survives_a_restart() {
    let emulated = start().await;
    create(&emulated.clients).await;
    let put = |n: usize| {
        let put = emulated.clients.dynamodb.put_item().table_name(TABLE).item("PK", text(format!("P#{n}")));
        put.item("SK", text("M")).item("G1PK", text("Q#pending")).item("G1SK", text(format!("{n:03}"))).send()
    };
    for result in join_all((0..20).map(put)).await {
        result.unwrap();
    }
    let emulated = emulated.restart().await;
    let query = || {
        let query = emulated.clients.dynamodb.query().table_name(TABLE).index_name("by-queue").limit(8);
        query
            .key_condition_expression("G1PK = :queue")
            .expression_attribute_values(":queue", text("Q#pending"))
            .scan_index_forward(false)
    };
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let page = query().set_exclusive_start_key(from).send().await.unwrap();
        seen.extend(page.items().iter().map(|item| item["G1SK"].as_s().unwrap().clone()));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..20).rev().map(|n| format!("{n:03}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn concurrent_additions_are_exact() {
    let emulated = start().await;
    create(&emulated.clients).await;
    let add = |_| {
        let update =
            emulated.clients.dynamodb.update_item().table_name(TABLE).key("PK", text("ST")).key("SK", text("n"));
        update
            .update_expression("ADD n :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .send()
    };
    for result in join_all((0..100).map(add)).await {
        result.unwrap();
    }
    let get = emulated.clients.dynamodb.get_item().table_name(TABLE).key("PK", text("ST")).key("SK", text("n"));
    assert_eq!(get.send().await.unwrap().item.unwrap()["n"], AttributeValue::N("100".to_owned()));
}

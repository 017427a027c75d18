package io.embeddingoperator.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A mountain of text to embed: what, by which model, and into which table. */
@Group(ApiVersion.GROUP)
@Version(ApiVersion.VERSION)
@ShortNames("ej")
@Categories("all")
@ValidationRule(
        value = "self.metadata.name.size() <= 46 && !self.metadata.name.contains('.')",
        message = "metadata.name takes at most 46 characters and no dots:"
                + " the names of its pods are made of it, the number of the run and the shard, and may have 63")
@AdditionalPrinterColumn(
        name = "Status",
        type = Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(name = "Percent", type = Type.INTEGER, jsonPath = ".status.documents.percent")
@AdditionalPrinterColumn(name = "Embedded", type = Type.INTEGER, jsonPath = ".status.documents.embedded")
@AdditionalPrinterColumn(name = "Failed", type = Type.INTEGER, jsonPath = ".status.documents.failed")
@AdditionalPrinterColumn(name = "Tokens/s", type = Type.INTEGER, jsonPath = ".status.tokensPerSecond")
@AdditionalPrinterColumn(name = "USD", type = Type.STRING, jsonPath = ".status.costUsd")
@AdditionalPrinterColumn(name = "ETA", type = Type.STRING, jsonPath = ".status.estimatedCompletionTime")
@AdditionalPrinterColumn(name = "Age", type = Type.DATE, jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(name = "Run", type = Type.INTEGER, jsonPath = ".status.run", priority = 1)
@AdditionalPrinterColumn(name = "Skipped", type = Type.INTEGER, jsonPath = ".status.documents.skipped", priority = 1)
@AdditionalPrinterColumn(name = "Active", type = Type.INTEGER, jsonPath = ".status.shards.active", priority = 1)
@AdditionalPrinterColumn(name = "Recall", type = Type.NUMBER, jsonPath = ".status.recall.at10", priority = 1)
@AdditionalPrinterColumn(name = "Batches", type = Type.INTEGER, jsonPath = ".status.batches.inProgress", priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        type = Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        priority = 1)
public class EmbeddingJob extends CustomResource<EmbeddingJobSpec, EmbeddingJobStatus> implements Namespaced {}

package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A table in a PostgreSQL with pgvector.
 *
 * @param connection the connection URI of the database, libpq or JDBC form
 * @param table the table that takes the vectors, with or without its schema, for example {@code public.article_embeddings}:
 *     created when absent, checked when present
 * @param vectorType the column type of an embedding
 * @param index the index over the embeddings, built once after the load
 * @param orphans what happens to rows whose document is gone from the source: rows that this job wrote, and no others
 * @param ownership whether the job has the table for itself, shares it, or takes it over
 * @param orphanLimitPercent how many percent of the documents that the job has in the table when a run begins may be removed by
 *     it, for example 50; a run that finds more of them gone removes none and fails. 100 removes any number, all included
 * @param onEmpty what happens to rows whose document is there and has no text any more: Delete removes those that this job wrote,
 *     within orphanLimitPercent, and the document counts as skipped; with Keep they stay, and the document counts as failed
 * @param replacement how the table gets the vectors of another model, prefix or dimensions: InPlace refuses them while it holds
 *     others; Swap fills a table beside it, and exchanges the two at the end of the run
 * @param keepGenerations how many tables stay after a Swap, for example 1, which keeps the one before under the name of the table
 *     and {@code _before}, so that going back embeds what has changed since alone; with 0 it is dropped
 * @param textSearch how words are found beside vectors, by search --hybrid; without it the table has no words to search
 */
@ValidationRule(
        value =
                "!has(self.replacement) || self.replacement != 'Swap' || !has(self.ownership) || self.ownership != 'Share'",
        message =
                "replacement is Swap, which exchanges the whole table, and ownership is Share: give the job a table of its own,"
                        + " or use InPlace",
        fieldPath = ".replacement")
public record PgvectorSink(
        @Required SecretValue connection,

        @Required @Size(max = Limit.TABLE) @Pattern(Field.NOT_BLANK)
        String table,

        @Default("Vector") VectorType vectorType,
        @Default("{}") IndexSpec index,
        @Default("Keep") OrphanPolicy orphans,

        @Default("Own") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.Ownership.class)
        TableOwnership ownership,

        @Default("20")
        @Min(0)
        @Max(100)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.OrphanLimit.class)
        Integer orphanLimitPercent,

        @Default("Keep") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.Empty.class)
        EmptyPolicy onEmpty,

        @Default("InPlace") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.Replacement.class)
        TableReplacement replacement,

        @Default("1")
        @Min(0)
        @Max(1)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.KeptGenerations.class)
        Integer keepGenerations,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TextSearchSpec textSearch) {
    static final TableOwnership DEFAULT_OWNERSHIP = TableOwnership.Own;
    static final int DEFAULT_ORPHAN_LIMIT_PERCENT = 20;
    static final EmptyPolicy DEFAULT_EMPTY_POLICY = EmptyPolicy.Keep;
    static final TableReplacement DEFAULT_REPLACEMENT = TableReplacement.InPlace;
    static final int DEFAULT_KEPT_GENERATIONS = 1;

    public PgvectorSink {
        Field.required(connection, "spec.sink.pgvector.connection", "name the Secret key that holds the URI");
        Field.requiredText(table, "spec.sink.pgvector.table", "name the table that takes the vectors");
        vectorType = Field.orElse(vectorType, VectorType.Vector);
        index = Field.orElse(index, IndexSpec.DEFAULT);
        orphans = Field.orElse(orphans, OrphanPolicy.Keep);
        ownership = Field.orElse(ownership, DEFAULT_OWNERSHIP);
        orphanLimitPercent = Field.between(
                Field.orElse(orphanLimitPercent, DEFAULT_ORPHAN_LIMIT_PERCENT),
                0,
                100,
                "spec.sink.pgvector.orphanLimitPercent");
        onEmpty = Field.orElse(onEmpty, DEFAULT_EMPTY_POLICY);
        replacement = Field.orElse(replacement, DEFAULT_REPLACEMENT);
        keepGenerations = Field.between(
                Field.orElse(keepGenerations, DEFAULT_KEPT_GENERATIONS), 0, 1, "spec.sink.pgvector.keepGenerations");
        Field.check(
                replacement != TableReplacement.Swap || ownership != TableOwnership.Share,
                "spec.sink.pgvector.replacement is Swap, which exchanges the whole table, and ownership is Share: give the job a"
                        + " table of its own, or use InPlace");
    }

    /** The same with a metric for the index, where the manifest names none. */
    public PgvectorSink orMetric(@Nullable DistanceMetric usual) {
        return new PgvectorSink(
                connection,
                table,
                vectorType,
                index.orMetric(usual),
                orphans,
                ownership,
                orphanLimitPercent,
                onEmpty,
                replacement,
                keepGenerations,
                textSearch);
    }
}

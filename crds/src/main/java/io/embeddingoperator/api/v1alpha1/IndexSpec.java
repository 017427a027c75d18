package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * The index over the embeddings, built once after the load.
 *
 * @param type the kind of index
 * @param metric the distance that the index serves; without it the one that the model's files name, otherwise Cosine
 * @param m connections of a node in the graph, for example 24; more make the index larger and its answers better
 * @param efConstruction candidates kept while the graph is built, for example 128, at least twice m; more make it slower to
 *     build and its answers better
 * @param targetRecall the share of the ten nearest chunks that a search through the index should find, for example 0.98; it is
 *     measured after each load, and status.recall tells the hnsw.ef_search that reaches it
 */
@ValidationRule(
        value = "self.efConstruction >= 2 * self.m",
        messageExpression = "'efConstruction is %d: use at least twice m (%d)'.format([self.efConstruction, self.m])",
        fieldPath = ".efConstruction")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IndexSpec(
        @Default("HNSW") IndexType type,
        @Nullable DistanceMetric metric,
        @Default("16") @Min(2) @Max(100) Integer m,
        @Default("64") @Min(4) @Max(1000) Integer efConstruction,

        @Default("0.95")
        @Min(0.5)
        @Max(1)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.TargetRecall.class)
        Double targetRecall) {
    static final double DEFAULT_TARGET_RECALL = 0.95;

    public static final IndexSpec DEFAULT =
            new IndexSpec(Field.leftOut(), null, Field.leftOut(), Field.leftOut(), Field.leftOut());

    public IndexSpec {
        type = Field.orElse(type, IndexType.HNSW);
        m = Field.between(Field.orElse(m, 16), 2, 100, "spec.sink.pgvector.index.m");
        efConstruction =
                Field.between(Field.orElse(efConstruction, 64), 4, 1000, "spec.sink.pgvector.index.efConstruction");
        targetRecall = Field.orElse(targetRecall, DEFAULT_TARGET_RECALL);
        Field.check(
                targetRecall >= 0.5 && targetRecall <= 1,
                "spec.sink.pgvector.index.targetRecall is %s: use a number from 0.5 to 1".formatted(targetRecall));
        Field.check(
                efConstruction >= 2 * m,
                "spec.sink.pgvector.index.efConstruction is %d: use at least twice m (%d)"
                        .formatted(efConstruction, m));
    }

    IndexSpec orMetric(@Nullable DistanceMetric usual) {
        return metric == null ? new IndexSpec(type, usual, m, efConstruction, targetRecall) : this;
    }
}

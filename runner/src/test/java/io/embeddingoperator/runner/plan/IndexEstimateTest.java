package io.embeddingoperator.runner.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.VectorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexEstimateTest {
    @ParameterizedTest
    @CsvSource({"Vector, 384, 195", "HalfVector, 384, 112", "Vector, 1536, 782"})
    void agreesWithWhatWasMeasured(VectorType type, int dimensions, int mebibytes) {
        PgvectorSink sink = new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                "vectors",
                type,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);

        IndexEstimate index = IndexEstimate.of(100_000, dimensions, sink);

        assertThat(index.bytes() >> 20).isCloseTo(mebibytes, withinPercentage(10));
    }
}

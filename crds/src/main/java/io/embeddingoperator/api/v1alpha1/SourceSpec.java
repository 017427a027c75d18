package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the documents are: exactly one member is set.
 *
 * @param postgres rows of a PostgreSQL table
 * @param volume files on a mounted volume, or on a laptop
 * @param s3 objects in S3 or a compatible store
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.postgres), has(self.volume), has(self.s3)].filter(x, x).size() == 1",
        message = "source needs exactly one of postgres, volume, s3")
public record SourceSpec(
        @Nullable PostgresSource postgres,
        @Nullable VolumeSource volume,
        @Nullable S3Source s3) {
    public SourceSpec {
        Field.check(
                Stream.of(postgres, volume, s3).filter(Objects::nonNull).count() == 1,
                "spec.source needs exactly one of postgres, volume, s3");
    }

    public Source selected() {
        if (postgres != null) {
            return postgres;
        }
        return volume != null ? volume : Objects.requireNonNull(s3, "s3");
    }
}

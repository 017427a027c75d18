package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;
import java.util.List;

/**
 * Objects in S3 or a compatible store.
 *
 * @param prefix every object below it is read
 * @param endpoint for compatible stores, otherwise null
 * @param region the bucket's region, or null for the environment's
 */
public record S3Source(
        @Required String bucket,
        String prefix,
        String endpoint,
        String region,
        S3Credentials credentials,
        @Required DocumentFormat format,
        String keyField,
        List<String> textFields,
        List<String> metadataFields)
        implements Source {
    public S3Source {
        Field.requiredText(bucket, "spec.source.s3.bucket", "name the bucket");
        prefix = Field.orElse(prefix, "");
        Field.required(format, "spec.source.s3.format", "use NDJSON, Parquet or Text");
        textFields = List.copyOf(Field.orElse(textFields, List.of()));
        metadataFields = List.copyOf(Field.orElse(metadataFields, List.of()));
        FileFields.check("spec.source.s3", format, keyField, textFields, metadataFields);
    }
}

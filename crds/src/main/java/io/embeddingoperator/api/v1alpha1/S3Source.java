package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Objects in S3 or a compatible store.
 *
 * @param prefix every object below it is read
 * @param endpoint for compatible stores, otherwise null
 * @param region the bucket's region, or null for the environment's
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(value = FileFields.NO_FIELDS_FOR_TEXT, message = FileFields.NO_FIELDS_FOR_TEXT_ADVICE)
@ValidationRule(value = FileFields.KEY_FIELD, message = FileFields.KEY_FIELD_ADVICE, fieldPath = ".keyField")
@ValidationRule(value = FileFields.TEXT_FIELDS, message = FileFields.TEXT_FIELDS_ADVICE, fieldPath = ".textFields")
public record S3Source(
        @Required @Pattern(Field.NOT_BLANK) String bucket,
        String prefix,
        @Pattern(Field.HTTP_URL) String endpoint,
        String region,
        S3Credentials credentials,
        @Required DocumentFormat format,
        @Pattern(Field.NOT_BLANK) String keyField,
        List<@Pattern(Field.NOT_BLANK) String> textFields,
        List<@Pattern(Field.NOT_BLANK) String> metadataFields)
        implements Source {
    public S3Source {
        Field.requiredText(bucket, "spec.source.s3.bucket", "name the bucket");
        if (endpoint != null) {
            Field.httpUrl(endpoint, "spec.source.s3.endpoint");
        }
        prefix = Field.orElse(prefix, "");
        Field.required(format, "spec.source.s3.format", "use NDJSON, Parquet or Text");
        textFields = Field.names(textFields, "spec.source.s3.textFields");
        metadataFields = Field.names(metadataFields, "spec.source.s3.metadataFields");
        FileFields.check("spec.source.s3", format, keyField, textFields, metadataFields);
    }
}

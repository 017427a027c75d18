package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects in S3 or a compatible store.
 *
 * @param bucket the name of the bucket, for example {@code docs}
 * @param prefix what the keys of the objects begin with, for example {@code in/}; without it the whole bucket is read
 * @param path a glob of what follows the prefix in a key, for example {@code 2026/*.ndjson}; without it all objects are read,
 *     but for those with a name that begins with . or _
 * @param endpoint the URL of a compatible store, for example {@code https://minio.example.com}; without it S3 itself
 * @param region the bucket's region, for example {@code eu-west-1}; without it the environment's
 * @param pathStyle whether the bucket stands in the path of a request's URL and not in the name of the host, for example {@code
 *     true}; without it true with an endpoint and false without
 * @param caBundle who vouches for the certificate of the store, where it is an authority of one's own, for example of {@code
 *     configMapKeyRef: {name: authorities, key: ca.crt}}; without it the public authorities do
 * @param requesterPays whether this run's account pays for requests and traffic in place of the bucket's owner, for example {@code
 *     true}; without it false
 * @param credentials the Secret that holds accessKeyId and secretAccessKey, and sessionToken where they are temporary, for
 *     example of {@code secretRef: {name: s3}}; without it the environment's, or the pod's own identity
 * @param format how documents stand in the objects
 * @param keyField the field that identifies a document, for example {@code id}; without it, for Text alone, the key of the
 *     object does
 * @param textFields the fields to embed, for example {@code [title, text]}, joined by a newline in this order; without them, for
 *     Text alone, the whole object
 * @param metadataFields fields copied beside the vectors, of NDJSON as text, for example {@code [lang]}; not for Text; without
 *     them none
 * @param metadata more such fields, with types and with names for their columns; for Text from the names of folders alone;
 *     without them none
 * @param unchangedObjects what a run does with objects that did not change since the last complete run: Skip does not read them, as
 *     long as the table holds their documents and nothing else changed that their rows depend on; Read reads them again, for
 *     example after metadata was changed by hand in the table
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(value = FileFields.NO_FIELDS_FOR_TEXT, message = FileFields.NO_FIELDS_FOR_TEXT_ADVICE)
@ValidationRule(value = FileFields.KEY_FIELD, message = FileFields.KEY_FIELD_ADVICE, fieldPath = ".keyField")
@ValidationRule(value = FileFields.TEXT_FIELDS, message = FileFields.TEXT_FIELDS_ADVICE, fieldPath = ".textFields")
public record S3Source(
        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String bucket,

        @Size(max = Limit.PATH) String prefix,

        @Size(max = Limit.PATH) @Pattern(Field.NOT_BLANK) @Nullable
        String path,

        @Size(max = Limit.URL) @Pattern(Field.HTTP_URL) @Nullable
        String endpoint,

        @Size(max = Limit.VERSION) @Pattern(Field.NOT_BLANK) @Nullable
        String region,

        @Nullable Boolean pathStyle,
        @Nullable CaBundle caBundle,
        @Nullable Boolean requesterPays,
        @Nullable S3Credentials credentials,
        @Required DocumentFormat format,

        @Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) @Nullable
        String keyField,

        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> textFields,
        @Size(max = Limit.COLUMNS) List<@Size(max = Limit.COLUMN) @Pattern(Field.NOT_BLANK) String> metadataFields,

        @Size(max = Limit.COLUMNS) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<FileMetadata> metadata,

        @Default("Skip") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.SkippedObjects.class)
        UnchangedObjects unchangedObjects)
        implements DocumentFiles {
    static final UnchangedObjects DEFAULT_UNCHANGED_OBJECTS = UnchangedObjects.Skip;

    public S3Source {
        Field.requiredText(bucket, "spec.source.s3.bucket", "name the bucket");
        if (endpoint != null) {
            Field.httpUrl(endpoint, "spec.source.s3.endpoint");
        }
        prefix = Field.orElse(prefix, "");
        Field.optionalText(path, "spec.source.s3.path", "give a glob such as *.ndjson, or leave it out");
        Field.optionalText(region, "spec.source.s3.region", "name the bucket's region, or leave it out");
        Field.required(format, "spec.source.s3.format", "use NDJSON, Parquet or Text");
        textFields = Field.names(textFields, "spec.source.s3.textFields");
        metadataFields = Field.names(metadataFields, "spec.source.s3.metadataFields");
        metadata = FileFields.metadata(metadata, "spec.source.s3.metadata");
        unchangedObjects = Field.orElse(unchangedObjects, DEFAULT_UNCHANGED_OBJECTS);
        FileFields.check("spec.source.s3", format, keyField, textFields, metadataFields);
    }

    /** Whether the bucket stands in the path of a request: most compatible stores have no host name for each bucket. */
    public boolean usesPathStyle() {
        return pathStyle == null ? endpoint != null : pathStyle;
    }

    /** Whether a run leaves objects alone that the last one has read as they are. */
    public boolean skipsUnchanged() {
        return unchangedObjects == UnchangedObjects.Skip;
    }

    /** Whether requests say that the one who asks pays: a bucket may answer no others. */
    public boolean paysForRequests() {
        return Boolean.TRUE.equals(requesterPays);
    }
}

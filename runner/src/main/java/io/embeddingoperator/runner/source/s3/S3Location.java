package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.api.v1alpha1.S3Source;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.RequestPayer;

/**
 * Which objects of a bucket a source names.
 *
 * @param prefix what their keys begin with, perhaps nothing
 * @param path what the rest of their keys matches
 * @param requesterPays whether requests are billed to the one who asks
 */
record S3Location(String bucket, String prefix, KeyGlob path, boolean requesterPays) {
    S3Location {
        Objects.requireNonNull(bucket, "bucket");
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(path, "path");
    }

    static S3Location of(S3Source source) {
        return new S3Location(
                source.bucket(),
                source.prefix(),
                source.path() == null ? KeyGlob.any() : KeyGlob.of(source.path()),
                source.paysForRequests());
    }

    /** Who pays for a request, as it says; empty leaves it to the bucket's owner. */
    Optional<RequestPayer> payer() {
        return requesterPays ? Optional.of(RequestPayer.REQUESTER) : Optional.empty();
    }

    /** Keys that begin otherwise need not be listed. */
    String listedPrefix() {
        return prefix + path.fixed();
    }

    /** An object whose key ends with a slash stands for a folder, as consoles make them. */
    boolean names(String key) {
        return !key.endsWith("/") && path.matches(key.substring(prefix.length()));
    }

    /**
     * Why a run has nothing to read.
     *
     * @param seen how many objects were looked at
     */
    String nothing(long seen) {
        if (seen > 0) {
            return "none of the %,d objects below s3://%s/%s matches %s: correct spec.source.s3.path, which has to name those that begin with . or _"
                    .formatted(seen, bucket, listedPrefix(), path);
        }
        return listedPrefix().isEmpty()
                ? "the bucket %s is empty: put objects into it, or correct spec.source.s3.bucket".formatted(bucket)
                : "no key in the bucket %s begins with %s: correct spec.source.s3.prefix or path"
                        .formatted(bucket, listedPrefix());
    }

    /**
     * Why a run will not read so many objects.
     *
     * @param most how many it would
     * @param isForWantOfMemory whether it would be more with a larger heap
     */
    String tooMany(long most, boolean isForWantOfMemory) {
        return "s3://%s/%s has more than the %,d objects that a run can plan%s: %sdivide them among several jobs by spec.source.s3.prefix or path, or pack documents into larger objects"
                .formatted(
                        bucket,
                        listedPrefix(),
                        most,
                        isForWantOfMemory ? " in the heap of its pods" : "",
                        isForWantOfMemory ? "raise -Xmx in EMBEDDING_RUNNER_JAVA_OPTIONS, " : "");
    }

    /** An object as a person is told about it. */
    String uri(String key) {
        return "s3://%s/%s".formatted(bucket, key);
    }
}

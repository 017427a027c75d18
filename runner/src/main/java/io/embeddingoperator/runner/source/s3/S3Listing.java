package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.files.StoredFile;
import java.util.Iterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.S3Object;

/** One look through a bucket for the objects that a source names; a page of it is in memory at a time. */
final class S3Listing extends Spliterators.AbstractSpliterator<StoredFile> {
    /** The plan of a run names each, in some 400 bytes of a heap of at least 400 MiB. */
    private static final int MOST_OBJECTS = 500_000;

    private final S3Location location;
    private final S3Failures failures;
    private final S3Client client;
    private Iterator<S3Object> objects;
    private long seen;
    private long listed;

    S3Listing(S3Location location, S3Failures failures, S3Client client) {
        super(Long.MAX_VALUE, NONNULL);
        this.location = location;
        this.failures = failures;
        this.client = client;
    }

    @Override
    public boolean tryAdvance(Consumer<? super StoredFile> action) {
        for (S3Object object = next(); object != null; object = next()) {
            seen++;
            if (location.names(object.key())) {
                listed++;
                if (listed > MOST_OBJECTS) {
                    throw new SpecificationException(location.tooMany(MOST_OBJECTS));
                }
                action.accept(new StoredFile(object.key(), object.size(), version(object)));
                return true;
            }
        }
        if (listed == 0) {
            throw new SpecificationException(location.nothing(seen));
        }
        return false;
    }

    /** A gateway before a file system may have none of files that were not written through it. */
    private String version(S3Object object) {
        String version = S3Store.version(object.eTag());
        if (version.isBlank()) {
            throw new SpecificationException(
                    "%s has no ETag, by which the runner would notice a change: write it through the store"
                            .formatted(location.uri(object.key())));
        }
        return version;
    }

    private S3Object next() {
        try {
            if (objects == null) {
                objects = client.listObjectsV2Paginator(ListObjectsV2Request.builder()
                                .bucket(location.bucket())
                                .requestPayer(location.payer())
                                .prefix(location.listedPrefix())
                                .build())
                        .contents()
                        .iterator();
            }
            return objects.hasNext() ? objects.next() : null;
        } catch (SdkException e) {
            throw failures.ofListing(e);
        }
    }
}

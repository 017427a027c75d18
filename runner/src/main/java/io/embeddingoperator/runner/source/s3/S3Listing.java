package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.StoredFile;
import java.util.Iterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.S3Object;

/** One look through a bucket for the objects that a source names; a page of it is in memory at a time. */
final class S3Listing extends Spliterators.AbstractSpliterator<StoredFile> {
    private static final int MOST_OBJECTS = 10_000_000;

    /** What planning takes of the heap for each, and as much again to move in. */
    private static final int BYTES_AN_OBJECT = 200;

    private final S3Location location;
    private final S3Failures failures;
    private final S3Client client;
    private @Nullable Iterator<S3Object> objects;
    private final long most = Math.min(MOST_OBJECTS, Runtime.getRuntime().maxMemory() / BYTES_AN_OBJECT);
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
                if (listed > most) {
                    throw new SpecificationException(location.tooMany(most, most < MOST_OBJECTS));
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

    private @Nullable S3Object next() {
        try {
            if (objects == null) {
                ListObjectsV2Request.Builder request =
                        ListObjectsV2Request.builder().bucket(location.bucket()).prefix(location.listedPrefix());
                location.payer().ifPresent(request::requestPayer);
                objects = client.listObjectsV2Paginator(request.build())
                        .contents()
                        .iterator();
            }
            return objects.hasNext() ? objects.next() : null;
        } catch (SdkException e) {
            throw failures.ofListing(e);
        }
    }
}

package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.source.StoredFile;
import io.embeddingoperator.runner.source.files.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Objects of a bucket. The version of a file is the object's ETag: every byte is of the version that was listed. */
public final class S3Store implements FileStore {
    private final S3Location location;
    private final S3Failures failures;
    private final S3Client client;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final ExpectedObjects expected = new ExpectedObjects(file -> requests.submit(() -> {
        byte[] first = new byte[firstBytes(file.size())];
        fill(file, 0, first);
        return first;
    }));

    private S3Store(S3Location location, S3Failures failures, S3Client client) {
        this.location = location;
        this.failures = failures;
        this.client = client;
    }

    /**
     * Asks the store nothing yet.
     *
     * @param variables of the environment
     * @throws io.embeddingoperator.runner.failure.SpecificationException where the manifest or the environment lacks what a request needs
     */
    public static S3Store open(S3Source source, Map<String, String> variables) {
        S3Location location = S3Location.of(source);
        S3Connection connection = S3Connection.of(source, variables);
        return new S3Store(location, new S3Failures(location, connection), connection.client());
    }

    @Override
    public Stream<StoredFile> list() {
        return StreamSupport.stream(new S3Listing(location, failures, client), false);
    }

    /** Each request says which version it wants. */
    @Override
    public void refuseChanged(StoredFile listed) {}

    @Override
    public void expect(StoredFile file) {
        expected.add(file);
    }

    @Override
    public InputStream open(StoredFile file, long from, long to) {
        ObjectStream.Ranges ranges = (first, into) -> fill(file, first, into);
        Optional<Future<byte[]>> first =
                from == 0 && to >= firstBytes(file.size()) ? expected.take(file) : Optional.empty();
        return first.map(bytes -> ObjectStream.begun(ranges, requests, bytes, firstBytes(file.size()), to))
                .orElseGet(() -> new ObjectStream(ranges, requests, from, to));
    }

    @Override
    public void close() {
        requests.shutdownNow();
        client.close();
    }

    /** Some stores put a tag into quotes in one place and not in another. */
    static String version(String tag) {
        return tag == null ? "" : tag.replace("\"", "");
    }

    private static int firstBytes(long size) {
        return (int) Math.min(ObjectStream.FIRST_BYTES, size);
    }

    private void fill(StoredFile file, long from, byte[] into) {
        int length = into.length;
        Attempts attempts = new Attempts();
        GetObjectRequest.Builder request = GetObjectRequest.builder()
                .bucket(location.bucket())
                .key(file.path())
                .ifMatch("\"%s\"".formatted(file.version()))
                .range("bytes=%d-%d".formatted(from, from + length - 1))
                .overrideConfiguration(settings -> settings.executionAttributes(attempts.asAttributes()));
        location.payer().ifPresent(request::requestPayer);
        Part part;
        try (Activity reading = Activities.ofThisProcess().begin("Reading " + location.uri(file.path()))) {
            reading.explainedBy(attempts::sentence);
            part = client.getObject(request.build(), (response, body) -> Part.of(response, body, into));
        } catch (SdkException e) {
            throw failures.ofObject(file.path(), e);
        }
        // Not every compatible store heeds a condition or a range.
        if (!file.version().equals(version(part.tag()))) {
            throw failures.changed(file.path(), null);
        }
        if (part.length() != length) {
            throw failures.otherRange(file.path(), length, part.length());
        }
    }

    /**
     * An answer.
     *
     * @param length of the body, as its header says
     */
    private record Part(String tag, long length) {
        /** @param into takes the body, of an attempt that failed too */
        static Part of(GetObjectResponse response, AbortableInputStream body, byte[] into) {
            int length = into.length;
            if (response.contentLength() != length) {
                body.abort();
                return new Part(response.eTag(), response.contentLength());
            }
            try {
                int read = body.readNBytes(into, 0, length);
                if (read < length) {
                    throw RetryableException.create("the answer ended after %d of %d bytes".formatted(read, length));
                }
            } catch (IOException e) {
                throw RetryableException.create("the answer broke off", e);
            }
            return new Part(response.eTag(), length);
        }
    }
}

package io.embeddingoperator.runner.source.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.embed.openai.http.TestingKeys;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.StoredFile;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.files.FilesSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3StoreTest {
    private TestingS3 server;

    @BeforeAll
    static void setCredentials() {
        System.setProperty("aws.accessKeyId", "AKIASECRET");
        System.setProperty("aws.secretAccessKey", "also secret");
    }

    @AfterAll
    static void clearCredentials() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void startServer() throws IOException {
        server = new TestingS3();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void listsWhatTheManifestNamesPageByPage() {
        // given
        List<String> keys = List.of("in/%41 b+c.txt", "in/ü/💡.txt", "in//x.txt", "in/a&<b>.txt");
        keys.forEach(key -> server.put(key, "x"));
        List.of("in/", "in/folder/", "in/_SUCCESS", "in/.a.txt.crc", "in/a.csv", "out.txt")
                .forEach(key -> server.put(key, ""));

        // when
        List<StoredFile> listed = list(server.source("in/", "**/*.txt"));

        // then
        assertThat(listed).extracting(StoredFile::path).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(listed).extracting(StoredFile::size).containsOnly(1L);
        assertThat(server.requests()).containsOnly("list in/");
        assertThat(list(server.source(null, "in/a*"))).hasSize(2);
        assertThat(server.requests()).contains("list in/a");
    }

    @Test
    void readsAnObjectInRangesOfTheVersionThatWasListed() throws IOException {
        // given
        byte[] content = new byte[1_500_000];
        new Random(1).nextBytes(content);
        server.put("a b+c", content);

        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();

            // when, then
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
            assertThat(server.requests())
                    .containsExactly("list ", "a b+c 0-262143", "a b+c 262144-786431", "a b+c 786432-1499999");
            try (InputStream in = store.open(file, 1_499_990, 1_499_998)) {
                assertThat(in.readAllBytes()).hasSize(8);
            }
            try (InputStream in = store.open(file, 1_500_000, 1_500_000)) {
                assertThat(in.read()).isNegative();
            }
            assertThat(server.requests()).endsWith("a b+c 1499990-1499997");
        }
    }

    @Test
    void anObjectThatChangedIsNeverReadAsTheOneThatWasListed() throws IOException {
        server.put("a.txt", "x".repeat(600_000));
        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();
            try (InputStream in = store.open(file, 0, file.size())) {
                in.readNBytes(10);
                server.put("a.txt", "y".repeat(600_000));

                assertThatThrownBy(in::readAllBytes).satisfies(S3StoreTest::tellsOfAChange);
            }

            // A store that heeds no conditions says what it sends.
            server.ignoreConditions();
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThatThrownBy(in::readAllBytes).satisfies(S3StoreTest::tellsOfAChange);
            }

            server.delete("a.txt");
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThatThrownBy(in::readAllBytes)
                        .isInstanceOf(SpecificationException.class)
                        .hasMessage(
                                "s3://docs/a.txt is gone since this run was planned: put it back, or change runNonce to"
                                        + " read what is there");
            }
        }
    }

    @Test
    void aRequestThatFailsIsRepeatedForItsRangeAlone() throws IOException {
        byte[] content = new byte[700_000];
        new Random(2).nextBytes(content);
        server.put("a.txt", content);
        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();
            try (InputStream in = store.open(file, 0, file.size())) {
                server.cut(1);
                assertThat(in.readNBytes(262_144)).hasSize(262_144);
                server.refuse(2, 503, "SlowDown");
                assertThat(in.readAllBytes()).hasSize(700_000 - 262_144);
            }
            assertThat(server.requests())
                    .containsExactly("list ", "a.txt 0-262143", "a.txt 0-262143", "a.txt 262144-699999");
        }
    }

    @Test
    void aStoreThatHeedsNoRangesIsRefused() throws IOException {
        server.put("a.txt", "x".repeat(600_000));
        server.ignoreRanges();
        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThatThrownBy(in::readAllBytes)
                        .isInstanceOf(SpecificationException.class)
                        .hasMessage(
                                "%s sent 600000 bytes of s3://docs/a.txt where 262144 were asked for: use a store that"
                                        + " serves ranges",
                                server.url());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            403 | AccessDenied                | the bucket docs may not be listed with these credentials: allow s3:ListBucket on it
            403 | ''                          | the bucket docs may not be listed with these credentials: allow s3:ListBucket on it
            404 | NoSuchBucket                | STORE has no bucket docs: correct spec.source.s3.bucket
            403 | InvalidAccessKeyId          | STORE does not take the credentials (InvalidAccessKeyId): correct the Secret that spec.source.s3.credentials names, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
            403 | SignatureDoesNotMatch       | STORE does not take the credentials (SignatureDoesNotMatch): correct the Secret that spec.source.s3.credentials names, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
            301 | PermanentRedirect           | the bucket docs is not in the region us-east-1 but in eu-west-1: correct spec.source.s3.region
            400 | AuthorizationHeaderMalformed | the bucket docs is not in the region us-east-1 but in eu-west-1: correct spec.source.s3.region
            405 | MethodNotAllowed            | STORE answers 405 MethodNotAllowed for the bucket docs: correct spec.source.s3
            """)
    void saysWhyABucketCannotBeListed(int status, String code, String sentence) {
        server.put("a.txt", "x");
        server.refuse(1, status, code);

        assertThatThrownBy(() -> list(server.source(null, null)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(sentence.replace("STORE", server.url()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            403 | AccessDenied       | s3://docs/a.txt may not be read with these credentials: allow s3:GetObject on it, and kms:Decrypt where it is encrypted with a key of KMS
            403 | InvalidObjectState | s3://docs/a.txt is archived: restore it, or leave it out with spec.source.s3.prefix or path
            400 | InvalidRequest     | s3://docs/a.txt cannot be read as it is stored: where it is encrypted with a key of the customer's own (SSE-C), store it with one of S3 or KMS
            """)
    void saysWhyAnObjectCannotBeRead(int status, String code, String sentence) throws IOException {
        server.put("a.txt", "x");
        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();
            server.refuse(1, status, code);
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThatThrownBy(in::read)
                        .isInstanceOf(SpecificationException.class)
                        .hasMessage(sentence);
            }
        }
    }

    @Test
    void requestsSayThatTheirSenderPaysWhereTheManifestDoes() throws IOException {
        server.put("a.txt", "x");

        assertThat(list(server.source(null, null))).hasSize(1);
        assertThat(server.payers()).containsOnly("null");

        try (S3Store store = S3Store.open(server.source(null, null, DocumentFormat.NDJSON, true), Map.of())) {
            StoredFile file = store.list().findFirst().orElseThrow();
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThat(in.readAllBytes()).hasSize(1);
            }
        }
        assertThat(server.payers()).containsExactly("null", "requester", "requester");
    }

    @Test
    void aStoreIsTrustedByTheAuthoritiesOfTheManifestAlone(@TempDir Path folder) throws Exception {
        Path keys =
                TestingKeys.store(folder.resolve("keys"), "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost");
        Path bundle = Files.writeString(folder.resolve("ca.pem"), TestingKeys.certificate(keys));
        try (TestingS3 encrypted = TestingS3.encrypted(keys)) {
            encrypted.put("a.txt", "x");
            S3Source source = encrypted.source(null, null);

            try (S3Store store = S3Store.open(source, Map.of(EnvironmentVariable.S3_CA_BUNDLE, bundle.toString()))) {
                assertThat(store.list()).hasSize(1);
            }
            assertThatThrownBy(() -> list(source))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "the certificate of the server %s is not trusted: correct spec.source.s3.endpoint, or give"
                                    + " the authority's certificate in spec.source.s3.caBundle (in a process, name its file in"
                                    + " EMBEDDING_S3_CA_BUNDLE)",
                            encrypted.url().replace("https://", ""));
        }
    }

    @Test
    void whatPassesIsLeftToALaterTry() {
        server.put("a.txt", "x");
        server.refuse(100, 400, "ExpiredToken");

        assertThatThrownBy(() -> list(server.source(null, null)))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("the credentials for the bucket docs have expired: put new ones into the Secret that"
                        + " spec.source.s3.credentials names, or leave it out where the pod has a role");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            in/  |      | no key in the bucket docs begins with in/: correct spec.source.s3.prefix or path
            out/ | *.gz | none of the 1 objects below s3://docs/out/ matches *.gz: correct spec.source.s3.path, which has to name those that begin with . or _
            """)
    void aRunWithNothingToReadIsRefused(String prefix, String path, String sentence) {
        server.put("out/a.txt", "x");

        assertThatThrownBy(() -> list(server.source(prefix, path)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(sentence);
        server.delete("out/a.txt");
        assertThatThrownBy(() -> list(server.source(null, null)))
                .hasMessage("the bucket docs is empty: put objects into it, or correct spec.source.s3.bucket");
    }

    @Test
    void objectsAreDividedAndReadAsFilesAre() {
        // given lines in objects of which one is much larger than a shard, in a range of its own each
        server.put("in/large.ndjson", lines(0, 20_000));
        for (int i = 0; i < 10; i++) {
            server.put("in/small-%d.ndjson".formatted(i), lines(20_000 + i * 100, 20_100 + i * 100));
        }
        List<String> keys = new ArrayList<>();

        // when
        S3Source objects = server.source("in/", null);
        try (FilesSource source = FilesSource.open(objects, S3Store.open(objects, Map.of()))) {
            List<ShardRange> shards = source.plan(3);
            shards.forEach(shard -> keys.addAll(keys(source, shard)));

            // then
            assertThat(shards).hasSize(3);
        }
        assertThat(keys)
                .hasSize(21_000)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 21_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void aTextIsAnObjectAndItsKeyIsTheDocuments() {
        server.put("in/ü +%41.txt", "text");

        S3Source objects = server.source("in/", null, DocumentFormat.Text);
        try (FilesSource source = FilesSource.open(objects, S3Store.open(objects, Map.of()))) {
            assertThat(keys(source, source.plan(1).getFirst())).containsExactly("in/ü +%41.txt");
        }
    }

    @Test
    void manySmallObjectsAreAskedForBeforeTheyAreRead() {
        // given
        List<String> all =
                IntStream.range(100, 200).mapToObj("in/%d.txt"::formatted).toList();
        all.forEach(key -> server.put(key, "text of " + key));
        server.put("in/150.txt", "");
        S3Source objects = server.source("in/", null, DocumentFormat.Text);
        try (FilesSource source = FilesSource.open(objects, S3Store.open(objects, Map.of()))) {
            ShardRange shard = source.plan(1).getFirst();
            server.answerAfter(Duration.ofMillis(20));

            // when
            List<String> keys = new ArrayList<>();
            try (WindowReader reader = source.read(shard, Optional.empty(), 10)) {
                for (Optional<SourceWindow> next = reader.next(); next.isPresent(); next = reader.next()) {
                    next.get()
                            .documents()
                            .forEach(document -> keys.add(document.key().toString()));
                }
            }

            // then
            assertThat(keys).hasSize(99).isSubsetOf(all).isSorted();
            assertThat(server.requests().stream().filter(request -> request.startsWith("in/")))
                    .hasSize(99)
                    .doesNotHaveDuplicates();
            assertThat(server.mostAtOnce()).isBetween(6, 17);
        }
    }

    @Test
    void aReaderOfAFewDocumentsAsksForLittleMore() {
        IntStream.range(0, 100).forEach(i -> server.put("in/%d.txt".formatted(i), "text"));
        S3Source objects = server.source("in/", null, DocumentFormat.Text);
        try (FilesSource source = FilesSource.open(objects, S3Store.open(objects, Map.of()));
                WindowReader reader = source.read(source.plan(1).getFirst(), Optional.empty(), 4)) {
            assertThat(reader.next()).isPresent();
        }

        assertThat(server.requests().stream().filter(request -> request.startsWith("in/")))
                .hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void aRequestThatIsRepeatedSaysSo() throws IOException {
        server.put("a.txt", "x");
        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();
            server.refuse(2, 500, "InternalError");
            server.answerAfter(Duration.ofSeconds(2));

            try (InputStream in = store.open(file, 0, 1);
                    ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> read = reader.submit(() -> in.read());
                List<String> sentences = new ArrayList<>();
                while (!read.isDone()) {
                    Activities.ofThisProcess()
                            .longest(Duration.ZERO)
                            .map(Activity::sentence)
                            .ifPresent(sentences::add);
                }

                assertThat(sentences)
                        .anyMatch(sentence -> sentence.matches("Reading s3://docs/a.txt has taken [0-9] s so far"))
                        .anyMatch(
                                sentence -> sentence.matches("Reading s3://docs/a.txt has taken [0-9] s so far: it was"
                                        + " asked for 3 times and was answered 500 the last time"));
            }
        }
    }

    private static List<StoredFile> list(S3Source source) {
        try (S3Store store = S3Store.open(source, Map.of())) {
            return store.list().toList();
        }
    }

    private static List<String> keys(FilesSource source, ShardRange shard) {
        List<String> keys = new ArrayList<>();
        try (WindowReader reader = source.read(shard, Optional.empty(), 1_024)) {
            for (Optional<SourceWindow> next = reader.next(); next.isPresent(); next = reader.next()) {
                assertThat(next.get().failed()).isEmpty();
                next.get().documents().stream()
                        .map(Document::key)
                        .map(Object::toString)
                        .forEach(keys::add);
            }
        }
        return keys;
    }

    private static void tellsOfAChange(Throwable failure) {
        assertThat(failure)
                .isInstanceOf(SpecificationException.class)
                .hasMessage("s3://docs/a.txt changed since this run was planned: change runNonce to read it anew");
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj("{\"id\": \"%d\", \"text\": \"the river runs low and the fields are dry\"}\n"::formatted)
                .collect(Collectors.joining());
    }
}

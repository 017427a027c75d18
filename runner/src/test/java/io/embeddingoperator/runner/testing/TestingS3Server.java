package io.embeddingoperator.runner.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.embed.openai.http.TestingKeys;
import io.embeddingoperator.runner.http.AuthorityFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A real server that speaks S3 with the bucket {@code docs}, run through {@code dev/s3-server}. */
public final class TestingS3Server implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Of the script, where it lacks what it sets a server up with. */
    private static final int LACKING = 3;

    private static final int ATTEMPTS = 20;
    private static final String BUCKET = "docs";
    private static final String KEY_ID = "testing";
    private static final String KEY = "testing-secret";

    private final String name;
    private final Path folder;
    private final int port = freePorts();
    private final Optional<Path> authorities;
    private final S3Client client;
    private Process process;

    private TestingS3Server(String name, Path folder, Optional<Path> authorities) {
        this.name = name;
        this.folder = folder;
        this.authorities = authorities;
        UrlConnectionHttpClient.Builder http = UrlConnectionHttpClient.builder();
        authorities
                .flatMap(file -> AuthorityFile.of(Map.of("FILE", file.toString()), "FILE", "", true))
                .ifPresent(trusted -> http.tlsTrustManagersProvider(trusted::trust));
        this.client = S3Client.builder()
                .endpointOverride(URI.create(url()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY_ID, KEY)))
                .forcePathStyle(true)
                .httpClientBuilder(http)
                .build();
    }

    /**
     * Starts a server; without pip or Go the test that asks for it is skipped.
     *
     * @param name as {@code dev/s3-server} knows it
     */
    public static TestingS3Server start(String name, Path folder) {
        return start(name, folder, Optional.empty());
    }

    /** As {@link #start}, with a certificate that no public authority signed. */
    public static TestingS3Server startEncrypted(String name, Path folder) throws Exception {
        Path keys =
                TestingKeys.store(folder.resolve("keys"), "EC", "-dname", "CN=localhost", "-ext", "SAN=dns:localhost");
        Path certificate = Files.writeString(folder.resolve("tls.crt"), TestingKeys.certificate(keys));
        Files.writeString(folder.resolve("tls.key"), TestingKeys.pem("PRIVATE KEY", TestingKeys.key(keys)));
        return start(name, folder, Optional.of(certificate));
    }

    private static TestingS3Server start(String name, Path folder, Optional<Path> authorities) {
        ensure(name, folder);
        TestingS3Server server = new TestingS3Server(name, folder, authorities);
        server.restart();
        return server;
    }

    /** Takes minutes once, on a machine that has not set it up before. */
    private static void ensure(String name, Path folder) {
        Path log = folder.resolve("setup.log");
        try {
            Process setup = new ProcessBuilder(script(), "ensure", name)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            int exitCode = setup.waitFor();
            assumeThat(exitCode).as(Files.readString(log)).isNotEqualTo(LACKING);
            assertThat(exitCode).as(Files.readString(log)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + name + " was set up", e);
        }
    }

    private static String script() {
        return TestingPostgres.repositoryRoot().resolve("dev/s3-server").toString();
    }

    public String url() {
        return authorities.isPresent() ? "https://localhost:" + port : "http://127.0.0.1:" + port;
    }

    /** The same command with the credentials that the server takes, and with who vouches for it. */
    public RunnerCommand authorize(RunnerCommand command) {
        RunnerCommand authorized = command.with("AWS_ACCESS_KEY_ID", KEY_ID).with("AWS_SECRET_ACCESS_KEY", KEY);
        return authorities
                .map(file -> authorized.with(EnvironmentVariable.S3_CA_BUNDLE, file.toString()))
                .orElse(authorized);
    }

    /** SeaweedFS now and then takes a body that comes behind its head for an empty one, and refuses its checksum. */
    public void put(String key, byte[] content) {
        for (int attempt = 1; ; attempt++) {
            try {
                client.putObject(object -> object.bucket(BUCKET).key(key), RequestBody.fromBytes(content));
                return;
            } catch (S3Exception e) {
                if (e.statusCode() != 400 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    public void delete(String key) {
        client.deleteObject(object -> object.bucket(BUCKET).key(key));
    }

    /** With the objects that it had. */
    public void restart() {
        ProcessBuilder builder = new ProcessBuilder(script(), "run", name, folder.toString(), String.valueOf(port));
        builder.environment().put("AWS_ACCESS_KEY_ID", KEY_ID);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", KEY);
        try {
            process = builder.redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!serves()) {
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                close();
                throw new IllegalStateException("%s does not start: %s".formatted(name, folder.resolve("server.log")));
            }
        }
    }

    /** SIGKILL, as by a node that dies. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
        client.close();
    }

    private boolean serves() {
        try {
            if (client.listBuckets().buckets().isEmpty()) {
                client.createBucket(bucket -> bucket.bucket(BUCKET));
            }
            client.listObjectsV2(objects -> objects.bucket(BUCKET));
            return true;
        } catch (SdkException e) {
            return false;
        }
    }

    /** Those that SeaweedFS takes, below those that the system gives to clients. */
    private static int freePorts() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(12_000, 20_000);
            if (IntStream.of(0, 1, 2, 3, 10_000, 10_001, 10_002, 10_003).allMatch(more -> isFree(port + more))) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

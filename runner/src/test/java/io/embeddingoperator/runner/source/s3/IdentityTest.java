package io.embeddingoperator.runner.source.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {
    /** Longer than one request, and so short that the next asks for credentials again. */
    private static final Duration ABOUT_TO_EXPIRE = Duration.ofSeconds(50);

    private final Map<String, String> before = new HashMap<>();

    @TempDir
    private Path folder;

    private TestingS3 server;
    private TestingIdentityServices services;

    @BeforeEach
    void start() throws IOException {
        server = new TestingS3();
        server.put("a.txt", "x".repeat(1_500_000));
        services = new TestingIdentityServices();
        set("aws.region", "eu-west-1");
        set("aws.sharedCredentialsFile", folder.resolve("none").toString());
        set("aws.configFile", folder.resolve("none").toString());
        set("aws.ec2MetadataServiceEndpoint", services.url());
    }

    @AfterEach
    void stop() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
        services.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"web identity, web identity", "pod identity, pod token-of-the-pod", "machine, machine"})
    void aPodReadsWithTheRoleThatItWasGiven(String identity, String proof) throws IOException {
        give(identity);

        try (S3Store store = server.open()) {
            assertThat(store.list()).hasSize(1);
        }

        assertThat(services.proofs()).containsExactly(proof);
        assertThat(server.keyIds()).containsOnly("ASIA1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"web identity", "pod identity"})
    void credentialsAreExchangedBeforeTheyExpireInTheMiddleOfAnObject(String identity) throws IOException {
        // given
        give(identity);
        services.giveFor(ABOUT_TO_EXPIRE);

        try (S3Store store = server.open()) {
            StoredFile file = store.list().findFirst().orElseThrow();

            // when
            try (InputStream in = store.open(file, 0, file.size())) {
                assertThat(in.readAllBytes()).hasSize(1_500_000);
            }
        }

        // then each request had new ones
        assertThat(server.requests()).doesNotHaveDuplicates().hasSizeGreaterThan(2);
        assertThat(server.keyIds()).doesNotHaveDuplicates();
    }

    @Test
    void keysOfTheEnvironmentStandBeforeARole() throws IOException {
        give("web identity");
        set("aws.accessKeyId", "AKIASECRET");
        set("aws.secretAccessKey", "also secret");

        try (S3Store store = server.open()) {
            assertThat(store.list()).hasSize(1);
        }

        assertThat(server.keyIds()).containsOnly("AKIASECRET");
        assertThat(services.proofs()).isEmpty();
    }

    @Test
    void aRoleThatIsRefusedIsNotReplacedByThatOfTheNode() throws IOException {
        give("web identity");
        try (TestingIdentityServices sts = new TestingIdentityServices()) {
            set("aws.endpointUrlSts", sts.url());
            sts.refuse(403);

            assertThat(failure())
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage(
                            "the token of this pod's ServiceAccount gets no credentials of the role %s (web identity,"
                                    + " answered 403 AccessDenied): let the role trust the ServiceAccount, and the cluster's"
                                    + " issuer",
                            TestingIdentityServices.ROLE);
        }
        assertThat(services.proofs()).isEmpty();
        assertThat(server.keyIds()).isEmpty();
    }

    @Test
    void anAgentThatRefusesIsNamed() throws IOException {
        give("pod identity");
        services.refuse(403);

        assertThat(failure())
                .isInstanceOf(UnavailableException.class)
                .hasMessage(
                        "this pod gets no credentials from EKS Pod Identity (%s/v1/credentials, answered 403): associate its"
                                + " ServiceAccount with a role, and let the agent run on its node",
                        services.url());
    }

    @Test
    void aTokenThatIsNotThereIsNamed() throws IOException {
        give("web identity");
        Files.delete(folder.resolve("token"));

        assertThat(failure())
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("(web identity, %s)", folder.resolve("token"));
    }

    @Test
    void whereThereIsNoIdentityEveryPlaceIsNamed() {
        services.refuse(404);

        assertThat(failure())
                .isInstanceOf(SpecificationException.class)
                .hasMessage("there are no credentials for S3, neither in the environment and a profile nor from the"
                        + " machine: name a Secret in spec.source.s3.credentials, give the pod's ServiceAccount a role,"
                        + " or on a laptop set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE");
    }

    private Throwable failure() {
        try (S3Store store = server.open()) {
            RunnerException failure = catchThrowableOfType(
                    RunnerException.class, () -> store.list().toList());
            assertThat(failure.getMessage()).doesNotContain(TestingIdentityServices.TOKEN);
            return failure;
        }
    }

    private void give(String identity) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), TestingIdentityServices.TOKEN);
        switch (identity) {
            case "web identity" -> {
                set("aws.webIdentityTokenFile", token.toString());
                set("aws.roleArn", TestingIdentityServices.ROLE);
                set("aws.endpointUrlSts", services.url());
            }
            case "pod identity" -> {
                set("aws.containerCredentialsFullUri", services.url() + "/v1/credentials");
                set("aws.containerAuthorizationTokenFile", token.toString());
            }
            default -> {}
        }
    }

    private void set(String property, String value) {
        if (!before.containsKey(property)) {
            before.put(property, System.getProperty(property));
        }
        System.setProperty(property, value);
    }
}

package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.http.AuthorityFile;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * How a store is reached.
 *
 * @param endpoint empty for S3 itself
 * @param authorities who vouch for the store, where the public ones do not
 * @param identity of the environment, where the operator puts the keys of the Secret, of the pod or of the machine
 */
record S3Connection(
        Optional<URI> endpoint,
        Region region,
        boolean pathStyle,
        Optional<AuthorityFile> authorities,
        Identity identity) {
    /** With the library's pauses about half a minute in all; a store that is away for longer is a later try's. */
    private static final int ATTEMPTS = 8;

    /** Of the JDK, which keeps five idle ones to a server unless it is told otherwise, and reads this once. */
    private static final String KEPT_CONNECTIONS = "http.maxConnections";

    private static final int MOST_CONNECTIONS = 32;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    /** @param variables of the environment, of which one names the file of the authorities */
    static S3Connection of(S3Source source, Map<String, String> variables) {
        Optional<URI> endpoint = Optional.ofNullable(source.endpoint()).map(S3Connection::endpoint);
        Region region = Optional.ofNullable(source.region())
                .map(Region::of)
                .or(S3Connection::ofEnvironment)
                // A compatible store has but one, whose name is part of a signature all the same.
                .or(() -> endpoint.map(_ -> Region.US_EAST_1))
                .orElseThrow(() -> new SpecificationException(
                        "the region of the bucket %s is not known: set spec.source.s3.region, or AWS_REGION in the environment"
                                .formatted(source.bucket())));
        return new S3Connection(
                endpoint,
                region,
                source.usesPathStyle(),
                AuthorityFile.of(
                        variables,
                        EnvironmentVariable.S3_CA_BUNDLE,
                        "spec.source.s3.caBundle",
                        source.caBundle() != null),
                Identity.ofEnvironment());
    }

    S3Client client() {
        S3ClientBuilder builder = S3Client.builder()
                .region(region)
                .forcePathStyle(pathStyle)
                .credentialsProvider(identity.credentials())
                // Compatible stores have no checksums of parts of objects; a body's length and TLS hold what a range
                // is.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(http())
                .overrideConfiguration(settings -> settings.addExecutionInterceptor(Attempts.recorder())
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .build()));
        endpoint.ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private UrlConnectionHttpClient.Builder http() {
        if (System.getProperty(KEPT_CONNECTIONS) == null) {
            System.setProperty(KEPT_CONNECTIONS, Integer.toString(MOST_CONNECTIONS));
        }
        UrlConnectionHttpClient.Builder http = UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT_TIMEOUT)
                .socketTimeout(READ_TIMEOUT);
        authorities.ifPresent(file -> http.tlsTrustManagersProvider(file::trust));
        return http;
    }

    /** How a person is told of the store. */
    @Override
    public String toString() {
        return endpoint.map(URI::toString).orElseGet(() -> "S3 in " + region.id());
    }

    URI uri() {
        return endpoint.orElseGet(() -> URI.create("https://s3.%s.amazonaws.com".formatted(region.id())));
    }

    private static URI endpoint(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new SpecificationException("spec.source.s3.endpoint is no URL: correct it", e);
        }
    }

    private static Optional<Region> ofEnvironment() {
        try {
            return Optional.of(new DefaultAwsRegionProviderChain().getRegion());
        } catch (SdkClientException e) {
            return Optional.empty();
        }
    }
}

package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.ConnectionFault;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says why a request to the store failed, and what to do. What the store says itself is quoted by its code alone. */
final class S3Failures {
    private static final String REGION_HEADER = "x-amz-bucket-region";

    private final S3Location location;
    private final S3Connection connection;

    S3Failures(S3Location location, S3Connection connection) {
        this.location = location;
        this.connection = connection;
    }

    RunnerException ofListing(SdkException e) {
        if (!(e instanceof S3Exception answer)) {
            return unanswered(e);
        }
        return switch (code(answer)) {
            case "AccessDenied" ->
                new SpecificationException(
                        "the bucket %s may not be listed with these credentials: allow s3:ListBucket on it"
                                .formatted(location.bucket()),
                        e);
            default -> ofAny(answer);
        };
    }

    RunnerException ofObject(String key, SdkException e) {
        if (!(e instanceof S3Exception answer)) {
            return unanswered(e);
        }
        return switch (code(answer)) {
            case "AccessDenied" ->
                new SpecificationException(
                        "%s may not be read with these credentials: allow s3:GetObject on it, and kms:Decrypt where it is encrypted with a key of KMS"
                                .formatted(location.uri(key)),
                        e);
            case "NoSuchKey" ->
                new SpecificationException(
                        "%s is gone since this run was planned: put it back, or change runNonce to read what is there"
                                .formatted(location.uri(key)),
                        e);
            case "PreconditionFailed", "InvalidRange" -> changed(key, e);
            case "InvalidObjectState" ->
                new SpecificationException(
                        "%s is archived: restore it, or leave it out with spec.source.s3.prefix or path"
                                .formatted(location.uri(key)),
                        e);
            case "InvalidRequest" ->
                new SpecificationException(
                        "%s cannot be read as it is stored: where it is encrypted with a key of the customer's own (SSE-C), store it with one of S3 or KMS"
                                .formatted(location.uri(key)),
                        e);
            default -> ofAny(answer);
        };
    }

    RunnerException changed(String key, @Nullable SdkException e) {
        return new SpecificationException(
                "%s changed since this run was planned: change runNonce to read it anew".formatted(location.uri(key)),
                e);
    }

    RunnerException otherRange(String key, long wanted, long sent) {
        return new SpecificationException(
                "%s sent %d bytes of %s where %d were asked for: use a store that serves ranges"
                        .formatted(connection, sent, location.uri(key), wanted));
    }

    private RunnerException ofAny(S3Exception answer) {
        return switch (code(answer)) {
            case "NoSuchBucket" ->
                new SpecificationException(
                        "%s has no bucket %s: correct spec.source.s3.bucket".formatted(connection, location.bucket()),
                        answer);
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity" ->
                new SpecificationException(
                        "%s does not take the credentials (%s): correct the Secret that spec.source.s3.credentials names, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                                .formatted(connection, code(answer)),
                        answer);
            case "ExpiredToken", "TokenRefreshRequired" ->
                new UnavailableException(
                        "the credentials for the bucket %s have expired: put new ones into the Secret that spec.source.s3.credentials names, or leave it out where the pod has a role"
                                .formatted(location.bucket()),
                        answer);
            case "RequestTimeTooSkewed" ->
                new UnavailableException(
                        "%s refuses the time of this machine: set its clock".formatted(connection), answer);
            case "PermanentRedirect",
                    "TemporaryRedirect",
                    "AuthorizationHeaderMalformed",
                    "IllegalLocationConstraintException" -> otherRegion(answer);
            default -> other(answer);
        };
    }

    private RunnerException otherRegion(S3Exception answer) {
        return new SpecificationException(
                "the bucket %s is not in the region %s%s: correct spec.source.s3.region"
                        .formatted(
                                location.bucket(),
                                connection.region().id(),
                                header(answer, REGION_HEADER)
                                        .map(" but in "::concat)
                                        .orElse("")),
                answer);
    }

    private RunnerException other(S3Exception answer) {
        String said = "%s answers %d %s for the bucket %s"
                .formatted(connection, answer.statusCode(), code(answer), location.bucket());
        return answer.statusCode() >= 500 || answer.isThrottlingException()
                ? new UnavailableException(said + ": a later try goes on", answer)
                : new SpecificationException(said + ": correct spec.source.s3", answer);
    }

    /** The store was not asked, as where a service that gives credentials refuses them, or did not answer. */
    private RunnerException unanswered(SdkException e) {
        try {
            connection.identity().credentials().resolveCredentials();
        } catch (SdkException missing) {
            return connection.identity().missing(missing);
        }
        if (ConnectionFault.isOfCertificate(e, connection.uri())) {
            return new SpecificationException(
                    "%s: correct spec.source.s3.endpoint, or give the authority's certificate in spec.source.s3.caBundle (in a process, name its file in %s)"
                            .formatted(ConnectionFault.clause(e, connection.uri()), EnvironmentVariable.S3_CA_BUNDLE),
                    e);
        }
        return new UnavailableException(
                "%s cannot be read from for now: %s"
                        .formatted(connection, ConnectionFault.clause(last(e), connection.uri())),
                e);
    }

    /** An answer without a body, or one that is not S3's, has a status alone. */
    private static String code(S3Exception answer) {
        return details(answer)
                .map(AwsErrorDetails::errorCode)
                .filter(code -> !code.isBlank())
                .orElseGet(() -> switch (answer.statusCode()) {
                    case 301 -> "PermanentRedirect";
                    case 307 -> "TemporaryRedirect";
                    case 403 -> "AccessDenied";
                    case 404 -> "NoSuchKey";
                    case 412 -> "PreconditionFailed";
                    case 416 -> "InvalidRange";
                    default -> "";
                });
    }

    private static Optional<String> header(S3Exception answer, String name) {
        return details(answer)
                .map(AwsErrorDetails::sdkHttpResponse)
                .flatMap(response -> response.firstMatchingHeader(name));
    }

    private static Optional<AwsErrorDetails> details(S3Exception answer) {
        return Optional.ofNullable(answer.awsErrorDetails());
    }

    private static Throwable last(Throwable e) {
        return e.getCause() == null ? e : last(e.getCause());
    }
}

package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.UncheckedIOException;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/**
 * Who asks the store. A role that the pod was given is the only one that counts then: a pod whose role is refused would otherwise
 * read with the rights of its node. All of them fetch new credentials before theirs expire.
 */
sealed interface Identity {
    AwsCredentialsProvider credentials();

    /** Why there are no credentials, and what to do. */
    RunnerException missing(SdkException e);

    /** Keys that the environment holds stand before a role, as everywhere with S3. */
    static Identity ofEnvironment() {
        if (set(SdkSystemSetting.AWS_ACCESS_KEY_ID).isPresent()) {
            return new Keys();
        }
        return set(SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE)
                .<Identity>map(
                        _ -> new WebIdentity(set(SdkSystemSetting.AWS_ROLE_ARN).orElse("that AWS_ROLE_ARN names")))
                .or(() ->
                        set(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI).map(PodIdentity::new))
                .orElseGet(Keys::new);
    }

    /** Keys of the environment or of a profile, or the role of the machine. */
    record Keys(AwsCredentialsProvider credentials) implements Identity {
        Keys() {
            this(DefaultCredentialsProvider.builder().build());
        }

        @Override
        public RunnerException missing(SdkException e) {
            return new SpecificationException(
                    "there are no credentials for S3, neither in the environment and a profile nor from the machine: name a Secret in spec.source.s3.credentials, give the pod's ServiceAccount a role, or on a laptop set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE",
                    e);
        }
    }

    /**
     * The role that EKS proves by a token of the pod's ServiceAccount (IRSA).
     *
     * @param role its name
     */
    record WebIdentity(String role, AwsCredentialsProvider credentials) implements Identity {
        WebIdentity(String role) {
            this(role, readable(WebIdentityTokenFileCredentialsProvider.create()));
        }

        /** A file that is not there, or not yet, is no fault of the runner. */
        private static AwsCredentialsProvider readable(AwsCredentialsProvider provider) {
            return () -> {
                try {
                    return provider.resolveCredentials();
                } catch (UncheckedIOException e) {
                    throw SdkClientException.create("the token cannot be read", e);
                }
            };
        }

        @Override
        public RunnerException missing(SdkException e) {
            return new UnavailableException(
                    "the token of this pod's ServiceAccount gets no credentials of the role %s (web identity, %s): let the role trust the ServiceAccount, and the cluster's issuer"
                            .formatted(role, reason(e)),
                    e);
        }
    }

    /**
     * The role that an agent on the node gives to the pod's ServiceAccount (EKS Pod Identity).
     *
     * @param agent its address
     */
    record PodIdentity(String agent, AwsCredentialsProvider credentials) implements Identity {
        PodIdentity(String agent) {
            this(agent, ContainerCredentialsProvider.create());
        }

        @Override
        public RunnerException missing(SdkException e) {
            return new UnavailableException(
                    "this pod gets no credentials from EKS Pod Identity (%s, %s): associate its ServiceAccount with a role, and let the agent run on its node"
                            .formatted(agent, reason(e)),
                    e);
        }
    }

    private static Optional<String> set(SdkSystemSetting setting) {
        return setting.getStringValue().filter(value -> !value.isBlank());
    }

    /** Of an answer its status and code alone: what it says beside that may quote a token. */
    private static String reason(Throwable e) {
        return switch (e) {
            case AwsServiceException answer
            when answer.awsErrorDetails() != null ->
                "answered %d %s"
                        .formatted(answer.statusCode(), answer.awsErrorDetails().errorCode());
            case SdkServiceException answer -> "answered %d".formatted(answer.statusCode());
            default -> {
                Throwable cause = e.getCause();
                yield cause == null ? String.valueOf(e.getMessage()) : reason(cause);
            }
        };
    }
}

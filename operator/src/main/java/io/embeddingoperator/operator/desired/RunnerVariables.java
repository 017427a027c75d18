package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiHeader;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.S3Credentials;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.TemplateVariable;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The environment of the runner container. Values of Secrets are only pointed at: the operator never sees one. */
final class RunnerVariables {
    /** The tokenizer's library unpacks its native part here, and loads it: a folder that no template may move. */
    private static final String DJL_CACHE = "DJL_CACHE_DIR";

    private RunnerVariables() {}

    /**
     * The template's first: in Kubernetes a variable may refer to those before it, and none of the template's may read the
     * credentials that follow. Of {@link #defaults()} those that the template leaves alone.
     */
    static List<EnvVar> of(EmbeddingJob manifest) {
        EmbeddingJobSpec spec = manifest.getSpec();
        List<EnvVar> ours = new ArrayList<>();
        ours.addAll(source(spec));
        ours.addAll(embedder(spec));
        ours.add(secret(EnvironmentVariable.SINK_URI, spec.sink().pgvector().connection()));
        ours.add(value(
                EnvironmentVariable.RUN,
                Integer.toString(CountedRun.of(manifest).number())));
        ours.add(value(EnvironmentVariable.HTTP_PORT, Integer.toString(RunnerPod.HTTP_PORT)));
        return all(spec.template().env(), ours);
    }

    /** Of an endpoint's pod, in the same order. It reads no documents, and asks the sink alone which model filled the table. */
    static List<EnvVar> of(ServedModel model, RunnerTemplate template) {
        List<EnvVar> ours = new ArrayList<>(hubToken(model.onnx()));
        model.sink().ifPresent(connection -> ours.add(secret(EnvironmentVariable.SINK_URI, connection)));
        return all(template.env(), ours);
    }

    private static List<EnvVar> all(List<TemplateVariable> template, List<EnvVar> ours) {
        List<EnvVar> variables = new ArrayList<>();
        template.forEach(theirs -> variables.add(value(theirs.name(), theirs.value())));
        variables.addAll(ours);
        defaults().stream()
                .filter(sound ->
                        template.stream().noneMatch(theirs -> sound.getName().equals(theirs.name())))
                .forEach(variables::add);
        variables.add(value(DJL_CACHE, RunnerVolumes.TEMPORARY_FOLDER + "/djl"));
        return variables;
    }

    /** Sound values that a template may replace, say by a cache of models on a volume of its own. */
    private static List<EnvVar> defaults() {
        return List.of(
                value(EnvironmentVariable.LOG_FORMAT, "json"),
                value(EnvironmentVariable.CACHE_FOLDER, RunnerVolumes.TEMPORARY_FOLDER + "/cache"));
    }

    private static List<EnvVar> source(EmbeddingJobSpec spec) {
        return switch (spec.source().selected()) {
            case PostgresSource postgres -> List.of(secret(EnvironmentVariable.SOURCE_URI, postgres.connection()));
            case VolumeSource volume -> List.of(value(EnvironmentVariable.SOURCE_FOLDER, RunnerVolumes.SOURCE_FOLDER));
            case S3Source s3 -> objects(s3);
        };
    }

    private static List<EnvVar> objects(S3Source s3) {
        List<EnvVar> variables = new ArrayList<>();
        if (s3.credentials() != null) {
            variables.addAll(awsCredentials(s3.credentials()));
        }
        if (s3.caBundle() != null) {
            variables.add(
                    value(EnvironmentVariable.S3_CA_BUNDLE, RunnerVolumes.S3_CA_FOLDER + "/" + RunnerVolumes.CA_FILE));
        }
        return variables;
    }

    private static List<EnvVar> awsCredentials(S3Credentials credentials) {
        String secret = credentials.secretRef().name();
        return List.of(
                secret("AWS_ACCESS_KEY_ID", new SecretKeyReference(secret, "accessKeyId")),
                secret("AWS_SECRET_ACCESS_KEY", new SecretKeyReference(secret, "secretAccessKey")),
                // Of temporary credentials alone.
                secret("AWS_SESSION_TOKEN", new SecretKeyReference(secret, "sessionToken"), true));
    }

    private static List<EnvVar> embedder(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> hubToken(onnx);
            case OpenAiEmbedder openai -> openAi(openai);
        };
    }

    private static List<EnvVar> hubToken(OnnxEmbedder onnx) {
        HuggingFaceModel hub = onnx.model().huggingFace();
        return hub == null || hub.token() == null
                ? List.of()
                : List.of(secret(EnvironmentVariable.HUB_TOKEN, hub.token()));
    }

    private static List<EnvVar> openAi(OpenAiEmbedder openai) {
        List<EnvVar> variables = new ArrayList<>();
        if (openai.apiKey() != null) {
            variables.add(secret(EnvironmentVariable.OPENAI_API_KEY, openai.apiKey()));
            variables.add(value(
                    EnvironmentVariable.OPENAI_API_KEY_FILE, RunnerVolumes.KEY_FOLDER + "/" + RunnerVolumes.KEY_FILE));
        }
        List<OpenAiHeader> secret = RunnerVolumes.secretHeaders(openai);
        for (OpenAiHeader header : secret) {
            variables.add(secret(
                    EnvironmentVariable.ofOpenAiHeader(header.name()),
                    Objects.requireNonNull(header.secretKeyRef(), "secretKeyRef")));
        }
        if (!secret.isEmpty()) {
            variables.add(value(EnvironmentVariable.OPENAI_HEADERS_FOLDER, RunnerVolumes.HEADERS_FOLDER));
        }
        if (openai.caBundle() != null) {
            variables.add(
                    value(EnvironmentVariable.OPENAI_CA_BUNDLE, RunnerVolumes.CA_FOLDER + "/" + RunnerVolumes.CA_FILE));
        }
        if (openai.clientCertificate() != null) {
            String folder = RunnerVolumes.CERTIFICATE_FOLDER + "/";
            variables.add(
                    value(EnvironmentVariable.OPENAI_CLIENT_CERTIFICATE, folder + RunnerVolumes.CERTIFICATE_FILE));
            variables.add(value(EnvironmentVariable.OPENAI_CLIENT_KEY, folder + RunnerVolumes.CERTIFICATE_KEY_FILE));
        }
        return variables;
    }

    private static EnvVar value(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static EnvVar secret(String name, SecretValue value) {
        return secret(name, value.secretKeyRef());
    }

    /** Not optional: Kubernetes holds the pod back until Secret and key are there, and says which is missing. */
    private static EnvVar secret(String name, SecretKeyReference reference) {
        return secret(name, reference, null);
    }

    private static EnvVar secret(String name, SecretKeyReference reference, @Nullable Boolean optional) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewSecretKeyRef(reference.key(), reference.name(), optional)
                .endValueFrom()
                .build();
    }
}

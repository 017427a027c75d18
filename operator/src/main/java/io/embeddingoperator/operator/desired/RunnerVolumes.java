package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.CaBundle;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiHeader;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The volumes that a run needs; those of the template come on top. A model of a hub or behind a URL is downloaded by every
 * pod into its own temporary folder and verified there: right for a few pods, while an image or a claim spares many of them
 * the download.
 */
final class RunnerVolumes {
    static final String SPEC_FOLDER = "/etc/embedding-operator";
    static final String TEMPORARY_FOLDER = "/tmp";
    static final String SOURCE_FOLDER = "/source";

    /** Where the key of a provider is mounted, and the file there: Kubernetes brings it up to date when the Secret changes. */
    static final String KEY_FOLDER = "/etc/embedding-operator-key";

    static final String KEY_FILE = "apiKey";

    /** Where secret headers are mounted, each in a file of its name, for the same reason. */
    static final String HEADERS_FOLDER = "/etc/embedding-operator-headers";

    /** Where the authorities of a provider are mounted, and the file there. */
    static final String CA_FOLDER = "/etc/embedding-operator-ca";

    static final String CA_FILE = "ca.pem";

    /** Where the authorities of a store of objects are mounted, in a file of the same name. */
    static final String S3_CA_FOLDER = "/etc/embedding-operator-s3-ca";

    /** Where the runner's certificate for a provider is mounted, and the files there, which have the names of a TLS Secret's keys. */
    static final String CERTIFICATE_FOLDER = "/etc/embedding-operator-certificate";

    static final String CERTIFICATE_FILE = "tls.crt";
    static final String CERTIFICATE_KEY_FILE = "tls.key";

    /** The name of the volume that holds the model. */
    static final String MODEL = "model";

    private RunnerVolumes() {}

    /** @param configMap where the pod reads the manifest */
    static List<MountedVolume> of(EmbeddingJob manifest, String configMap) {
        EmbeddingJobSpec spec = manifest.getSpec();
        return Stream.of(
                        Optional.of(MountedVolume.configMap("spec", configMap, SPEC_FOLDER)),
                        // The root is read-only, and native libraries unpack themselves into the temporary folder.
                        Optional.of(MountedVolume.scratch("tmp", TEMPORARY_FOLDER)),
                        source(spec),
                        model(spec),
                        apiKey(spec),
                        headers(spec),
                        authorities(spec),
                        certificate(spec))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Those of an endpoint's pod. */
    static List<MountedVolume> of(OnnxEmbedder onnx) {
        return Stream.of(
                        Optional.of(
                                MountedVolume.annotation("spec", EndpointPod.MANIFEST, SPEC_FOLDER, EndpointPod.FILE)),
                        Optional.of(MountedVolume.scratch("tmp", TEMPORARY_FOLDER)),
                        model(onnx.model()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<MountedVolume> source(EmbeddingJobSpec spec) {
        return switch (spec.source().selected()) {
            case VolumeSource volume ->
                Optional.ofNullable(volume.claimName())
                        .map(claim -> MountedVolume.claim("source", claim, SOURCE_FOLDER));
            case PostgresSource postgres -> Optional.empty();
            case S3Source s3 ->
                Optional.ofNullable(s3.caBundle()).map(bundle -> authorities("s3-ca-bundle", bundle, S3_CA_FOLDER));
        };
    }

    private static Optional<MountedVolume> model(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> model(onnx.model());
            case OpenAiEmbedder openai -> Optional.empty();
        };
    }

    /** Optional: the variable of the same key holds the pod back, and says which Secret is missing. */
    private static Optional<MountedVolume> apiKey(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> Optional.empty();
            case OpenAiEmbedder openai ->
                Optional.ofNullable(openai.apiKey())
                        .map(key -> MountedVolume.optionalKey("api-key", key.secretKeyRef(), KEY_FOLDER, KEY_FILE));
        };
    }

    /** Optional as the key's. */
    private static Optional<MountedVolume> headers(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> Optional.empty();
            case OpenAiEmbedder openai ->
                Optional.of(secretHeaders(openai))
                        .filter(headers -> !headers.isEmpty())
                        .map(headers -> MountedVolume.optionalKeys(
                                "headers",
                                headers.stream()
                                        .collect(Collectors.toMap(
                                                OpenAiHeader::plainName,
                                                OpenAiHeader::secretKeyRef,
                                                (first, _) -> first,
                                                TreeMap::new)),
                                HEADERS_FOLDER));
        };
    }

    static List<OpenAiHeader> secretHeaders(OpenAiEmbedder openai) {
        return openai.headers().stream()
                .filter(header -> header.secretKeyRef() != null)
                .toList();
    }

    private static Optional<MountedVolume> authorities(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> Optional.empty();
            case OpenAiEmbedder openai ->
                Optional.ofNullable(openai.caBundle()).map(bundle -> authorities("ca-bundle", bundle, CA_FOLDER));
        };
    }

    private static Optional<MountedVolume> certificate(EmbeddingJobSpec spec) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> Optional.empty();
            case OpenAiEmbedder openai ->
                Optional.ofNullable(openai.clientCertificate())
                        .map(certificate -> MountedVolume.secret(
                                "client-certificate", certificate.secretRef().name(), CERTIFICATE_FOLDER));
        };
    }

    private static MountedVolume authorities(String name, CaBundle bundle, String folder) {
        if (bundle.secretKeyRef() != null) {
            return MountedVolume.key(name, bundle.secretKeyRef(), folder, CA_FILE);
        }
        return MountedVolume.key(
                name, Objects.requireNonNull(bundle.configMapKeyRef(), "configMapKeyRef"), folder, CA_FILE);
    }

    private static Optional<MountedVolume> model(ModelSource model) {
        if (model.image() != null) {
            return Optional.of(MountedVolume.image(
                    MODEL, model.image().reference(), model.image().mountPath()));
        }
        return Optional.ofNullable(model.volume())
                .flatMap(volume -> Optional.ofNullable(volume.claimName())
                        .map(claim -> MountedVolume.claim(MODEL, claim, volume.mountPath())));
    }
}

package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.CaBundle;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.TemplateVolume;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.operator.config.LabelledKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The objects of its namespace that the pods of a manifest use because the manifest names them. */
public final class NamedObjects {
    private static final String SINK = "spec.sink.pgvector.connection.secretKeyRef.name";

    private final List<NamedObject> objects = new ArrayList<>();

    private NamedObjects() {}

    /**
     * An object and the field that names it.
     *
     * @param field the field of the manifest
     */
    public record NamedObject(LabelledKind kind, String name, String field) {}

    public static List<NamedObject> of(EmbeddingJobSpec spec) {
        NamedObjects named = new NamedObjects();
        named.source(spec);
        named.embedder(spec);
        named.add(
                LabelledKind.Secret,
                spec.sink().pgvector().connection().secretKeyRef().name(),
                SINK);
        named.template(spec.template());
        return List.copyOf(named.objects);
    }

    /** Of an endpoint: its template's, and what its model and table need, as the job names it where the model is a job's. */
    public static List<NamedObject> of(ServedModel model, RunnerTemplate template) {
        NamedObjects named = new NamedObjects();
        named.model(model.onnx());
        model.sink()
                .ifPresent(sink ->
                        named.add(LabelledKind.Secret, sink.secretKeyRef().name(), SINK));
        named.template(template);
        return List.copyOf(named.objects);
    }

    private void template(RunnerTemplate template) {
        for (int i = 0; i < template.volumes().size(); i++) {
            volume(template.volumes().get(i), "spec.template.volumes[" + i + "].");
        }
    }

    private void source(EmbeddingJobSpec spec) {
        switch (spec.source().selected()) {
            case PostgresSource postgres ->
                add(
                        LabelledKind.Secret,
                        postgres.connection().secretKeyRef().name(),
                        "spec.source.postgres.connection.secretKeyRef.name");
            case VolumeSource volume ->
                add(LabelledKind.PersistentVolumeClaim, volume.claimName(), "spec.source.volume.claimName");
            case S3Source s3 -> {
                if (s3.credentials() != null) {
                    add(
                            LabelledKind.Secret,
                            s3.credentials().secretRef().name(),
                            "spec.source.s3.credentials.secretRef.name");
                }
                if (s3.caBundle() != null) {
                    authorities(s3.caBundle(), "spec.source.s3.caBundle.");
                }
            }
        }
    }

    private void embedder(EmbeddingJobSpec spec) {
        switch (spec.embedder().selected()) {
            case OpenAiEmbedder openai -> {
                if (openai.apiKey() != null) {
                    add(
                            LabelledKind.Secret,
                            openai.apiKey().secretKeyRef().name(),
                            "spec.embedder.openai.apiKey.secretKeyRef.name");
                }
                for (int i = 0; i < openai.headers().size(); i++) {
                    SecretKeyReference secret = openai.headers().get(i).secretKeyRef();
                    if (secret != null) {
                        add(
                                LabelledKind.Secret,
                                secret.name(),
                                "spec.embedder.openai.headers[%d].secretKeyRef.name".formatted(i));
                    }
                }
                if (openai.caBundle() != null) {
                    authorities(openai.caBundle(), "spec.embedder.openai.caBundle.");
                }
                if (openai.clientCertificate() != null) {
                    add(
                            LabelledKind.Secret,
                            openai.clientCertificate().secretRef().name(),
                            "spec.embedder.openai.clientCertificate.secretRef.name");
                }
            }
            case OnnxEmbedder onnx -> model(onnx);
        }
    }

    private void model(OnnxEmbedder onnx) {
        if (onnx.model().volume() != null) {
            add(
                    LabelledKind.PersistentVolumeClaim,
                    onnx.model().volume().claimName(),
                    "spec.embedder.onnx.model.volume.claimName");
        }
        HuggingFaceModel hub = onnx.model().huggingFace();
        if (hub != null && hub.token() != null) {
            add(
                    LabelledKind.Secret,
                    hub.token().secretKeyRef().name(),
                    "spec.embedder.onnx.model.huggingFace.token.secretKeyRef.name");
        }
    }

    private void authorities(CaBundle bundle, String field) {
        if (bundle.secretKeyRef() != null) {
            add(LabelledKind.Secret, bundle.secretKeyRef().name(), field + "secretKeyRef.name");
        } else {
            add(
                    LabelledKind.ConfigMap,
                    Objects.requireNonNull(bundle.configMapKeyRef(), "configMapKeyRef")
                            .name(),
                    field + "configMapKeyRef.name");
        }
    }

    private void volume(TemplateVolume volume, String field) {
        if (volume.persistentVolumeClaim() != null) {
            add(
                    LabelledKind.PersistentVolumeClaim,
                    volume.persistentVolumeClaim().getClaimName(),
                    field + "persistentVolumeClaim.claimName");
        }
        if (volume.configMap() != null) {
            add(LabelledKind.ConfigMap, volume.configMap().getName(), field + "configMap.name");
        }
        if (volume.secret() != null) {
            add(LabelledKind.Secret, volume.secret().getSecretName(), field + "secret.secretName");
        }
    }

    private void add(LabelledKind kind, @Nullable String name, String field) {
        if (name != null) {
            objects.add(new NamedObject(kind, name, field));
        }
    }
}

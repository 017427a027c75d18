package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.TemplateVariable;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.operator.config.AllowedUrl;
import io.embeddingoperator.operator.config.LabelledKind;
import io.embeddingoperator.operator.config.Tenancy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Holds a manifest to what the installation allows. The author of a manifest may be allowed to create EmbeddingJobs and nothing
 * else in the namespace: what lends the pods more than a run needs, or sends texts and credentials out, is allowed by name.
 */
public final class TenancyCheck {
    private static final String TEMPLATE = "spec.template.";
    private static final String DEFAULT_SERVICE_ACCOUNT = "default";

    private static final String HUB = "https://huggingface.co";

    /** They keep a node's autoscaler from removing it, and change nothing else. */
    private static final Set<String> HARMLESS_ANNOTATIONS =
            Set.of("cluster-autoscaler.kubernetes.io/safe-to-evict", "karpenter.sh/do-not-disrupt");

    private final Tenancy tenancy;
    private final List<String> refusals = new ArrayList<>();

    private TenancyCheck(Tenancy tenancy) {
        this.tenancy = tenancy;
    }

    /** @throws SpecificationProblem with a sentence for everything that is not allowed */
    public static void check(EmbeddingJob manifest, Tenancy tenancy) {
        EmbeddingJobSpec spec = manifest.getSpec();
        TenancyCheck check = new TenancyCheck(tenancy);
        check.template(spec.template(), RunLabels.of(manifest));
        SpecificationProblem.Reason reason = check.reason();
        check.source(spec);
        check.embedder(spec);
        check.refuseIfAny(reason);
    }

    /** @throws SpecificationProblem with a sentence for everything that is not allowed */
    public static void check(EmbeddingEndpoint endpoint, ServedModel model, Tenancy tenancy) {
        RunnerTemplate template = endpoint.getSpec().template();
        TenancyCheck check = new TenancyCheck(tenancy);
        check.template(template, EndpointLabels.of(endpoint));
        SpecificationProblem.Reason reason = check.reason();
        check.model(model.onnx(), template);
        check.refuseIfAny(reason);
    }

    private void template(RunnerTemplate template, Map<String, String> ours) {
        objects(template);
        metadata(template, ours);
        environment(template);
        secretVolumes(template);
    }

    private SpecificationProblem.Reason reason() {
        return refusals.isEmpty()
                ? SpecificationProblem.Reason.InvalidSpecification
                : SpecificationProblem.Reason.InvalidTemplate;
    }

    private void refuseIfAny(SpecificationProblem.Reason reason) {
        if (!refusals.isEmpty()) {
            throw new SpecificationProblem(reason, String.join("; ", refusals));
        }
    }

    private void objects(RunnerTemplate template) {
        name(
                "serviceAccountName",
                template.serviceAccountName(),
                name -> name.equals(DEFAULT_SERVICE_ACCOUNT)
                        || tenancy.serviceAccounts().contains(name),
                "serviceAccounts");
        name("priorityClassName", template.priorityClassName(), tenancy.priorityClasses()::contains, "priorityClasses");
        name("runtimeClassName", template.runtimeClassName(), tenancy.runtimeClasses()::contains, "runtimeClasses");
    }

    private void name(String field, @Nullable String name, Predicate<String> isAllowed, String value) {
        if (name != null && !isAllowed.test(name)) {
            refuse(TEMPLATE + field + " is " + name, value);
        }
    }

    /** A label can make a pod the target of another team's Service, and both can have credentials or containers injected. */
    private void metadata(RunnerTemplate template, Map<String, String> ours) {
        template.labels().keySet().stream()
                .filter(key -> !Kueue.isKueues(key))
                .filter(key -> !ours.containsKey(key))
                .filter(key -> !tenancy.allowsLabel(key))
                .sorted()
                .forEach(key -> refuse(TEMPLATE + "labels has " + key, "labels"));
        template.annotations().keySet().stream()
                .filter(key -> !Kueue.isKueues(key))
                .filter(key -> !HARMLESS_ANNOTATIONS.contains(key))
                .filter(key -> !tenancy.allowsAnnotation(key))
                .sorted()
                .forEach(key -> refuse(TEMPLATE + "annotations has " + key, "annotations"));
    }

    private void environment(RunnerTemplate template) {
        for (int i = 0; i < template.env().size(); i++) {
            String name = template.env().get(i).name();
            if (namesMirror(template.env().get(i))) {
                url(
                        "%senv[%d] (%s)".formatted(TEMPLATE, i, name),
                        template.env().get(i).value(),
                        tenancy.modelUrls(),
                        "modelUrls");
            } else if (!TemplateVariable.RUNNERS.contains(name)
                    && !name.equals(EnvironmentVariable.HUB_ENDPOINT)
                    && !tenancy.environment().contains(name)) {
                refuse("%senv[%d] sets %s".formatted(TEMPLATE, i, name), "environment");
            }
        }
    }

    /** A mirror of the hub is an address like any other that models come from; an empty value is the hub itself. */
    private static boolean namesMirror(TemplateVariable variable) {
        return variable.name().equals(EnvironmentVariable.HUB_ENDPOINT)
                && !variable.value().isBlank();
    }

    /** Without the label the right to create EmbeddingJobs would be the right to mount every Secret. */
    private void secretVolumes(RunnerTemplate template) {
        for (int i = 0; i < template.volumes().size(); i++) {
            if (template.volumes().get(i).secret() != null
                    && !tenancy.labelled().contains(LabelledKind.Secret)) {
                refusals.add(("%svolumes[%d] is a Secret, which is allowed only where the chart's value"
                                + " tenancy.requireLabel has Secret and the Secret has the label %s: remove it")
                        .formatted(TEMPLATE, i, Tenancy.LABEL));
            }
        }
    }

    private void source(EmbeddingJobSpec spec) {
        switch (spec.source().selected()) {
            case S3Source s3 -> url("spec.source.s3.endpoint", s3.endpoint(), tenancy.s3Endpoints(), "s3Endpoints");
            case PostgresSource _, VolumeSource _ -> {}
        }
    }

    private void embedder(EmbeddingJobSpec spec) {
        switch (spec.embedder().selected()) {
            case OpenAiEmbedder openai ->
                url("spec.embedder.openai.baseUrl", openai.baseUrl(), tenancy.baseUrls(), "baseUrls");
            case OnnxEmbedder onnx -> model(onnx, spec.template());
        }
    }

    private void model(OnnxEmbedder onnx, RunnerTemplate template) {
        boolean hasMirror = template.env().stream().anyMatch(TenancyCheck::namesMirror);
        String field = "spec.embedder.onnx.model.";
        if (onnx.model().huggingFace() != null && !hasMirror) {
            url(field + "huggingFace", HUB, tenancy.modelUrls(), "modelUrls");
        }
        if (onnx.model().url() != null) {
            url(field + "url.model.url", onnx.model().url().model().url(), tenancy.modelUrls(), "modelUrls");
            url(field + "url.tokenizer.url", onnx.model().url().tokenizer().url(), tenancy.modelUrls(), "modelUrls");
        }
        if (onnx.model().image() != null
                && !tenancy.allowsModelImage(onnx.model().image().reference())) {
            refuse(field + "image.reference is " + onnx.model().image().reference(), "modelImages");
        }
    }

    private void url(String field, @Nullable String url, List<AllowedUrl> allowed, String value) {
        if (url != null && allowed.stream().noneMatch(entry -> entry.allows(url))) {
            // A password in it is for no log.
            refuse(field + " is " + url.replaceFirst("://[^/]*@", "://***@"), value);
        }
    }

    private void refuse(String what, String value) {
        refusals.add(
                "%s, which this operator does not allow: change it, or have it added to the chart's value tenancy.%s"
                        .formatted(what, value));
    }
}

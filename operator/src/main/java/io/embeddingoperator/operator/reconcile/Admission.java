package io.embeddingoperator.operator.reconcile;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.LabelledKind;
import io.embeddingoperator.operator.config.Tenancy;
import io.embeddingoperator.operator.desired.NamedObjects;
import io.embeddingoperator.operator.desired.NamedObjects.NamedObject;
import io.embeddingoperator.operator.desired.ServedModel;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.desired.TenancyCheck;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Judges, before pods are made of a manifest, whether the installation lets it have what it names. A run that was admitted is not
 * judged again: what is no longer allowed ends with the next run.
 */
final class Admission {
    private static final int LIMIT_SECONDS = 10;

    /** Of an object its metadata alone: the API server leaves out the data. Nothing but the labels is looked at. */
    private static final String METADATA_ALONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /** A name becomes part of a path: nothing else may. */
    private static final Pattern OBJECT_NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    private final KubernetesClient client;
    private final Tenancy tenancy;

    Admission(KubernetesClient client, Tenancy tenancy) {
        this.client = client;
        this.tenancy = tenancy;
    }

    /**
     * Judges a manifest.
     *
     * @throws SpecificationProblem when it may never have what it names
     * @throws BlockedException when an object lacks the label that would allow it
     */
    void check(EmbeddingJob manifest) {
        TenancyCheck.check(manifest, tenancy);
        checkLabels(NamedObjects.of(manifest.getSpec()), manifest);
    }

    /**
     * Judges an endpoint with the model that it answers with, in the same way.
     *
     * @throws SpecificationProblem when it may never have what it names
     * @throws BlockedException when an object lacks the label that would allow it
     */
    void check(EmbeddingEndpoint endpoint, ServedModel model) {
        TenancyCheck.check(endpoint, model, tenancy);
        checkLabels(NamedObjects.of(model, endpoint.getSpec().template()), endpoint);
    }

    private void checkLabels(List<NamedObject> objects, HasMetadata manifest) {
        for (NamedObject named : objects) {
            if (tenancy.labelled().contains(named.kind())) {
                checkLabel(named, manifest);
            }
        }
    }

    private void checkLabel(NamedObject named, HasMetadata manifest) {
        if (!OBJECT_NAME.matcher(named.name()).matches()) {
            throw new SpecificationProblem(
                    SpecificationProblem.Reason.InvalidSpecification,
                    "%s is %s: use a name that Kubernetes takes: small letters, digits, dashes and dots"
                            .formatted(named.field(), named.name()));
        }
        Optional<ObjectMeta> found =
                metadata(named.kind(), manifest.getMetadata().getNamespace(), named.name());
        if (found.isEmpty()) {
            throw new BlockedException("%s names the %s %s, which does not exist: create it with the label %s: \"true\""
                    .formatted(named.field(), named.kind(), named.name(), Tenancy.LABEL));
        }
        Map<String, String> labels =
                Optional.ofNullable(found.get().getLabels()).orElse(Map.of());
        if (!"true".equals(labels.get(Tenancy.LABEL))) {
            throw new BlockedException(
                    ("%s names the %s %s, which %ss may not use: have the label %s: \"true\" put on it, or"
                                    + " name another one")
                            .formatted(named.field(), named.kind(), named.name(), manifest.getKind(), Tenancy.LABEL));
        }
    }

    private Optional<ObjectMeta> metadata(LabelledKind kind, String namespace, String name) {
        HttpResponse<String> response = ask(kind, namespace, name);
        return switch (response.code()) {
            case HttpURLConnection.HTTP_OK ->
                Optional.of(client.getKubernetesSerialization()
                        .unmarshal(response.body(), Metadata.class)
                        .metadata());
            case HttpURLConnection.HTTP_NOT_FOUND -> Optional.empty();
            case HttpURLConnection.HTTP_FORBIDDEN ->
                throw new BlockedException(
                        "the operator may not read whether the %s %s is allowed: give it the right to get %s"
                                .formatted(kind, name, kind.plural()));
            default ->
                throw new KubernetesClientException(
                        "the API server answered %d when it was asked for the metadata of the %s %s"
                                .formatted(response.code(), kind, name));
        };
    }

    HttpResponse<String> ask(LabelledKind kind, String namespace, String name) {
        return send(client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(URI.create(
                        client.getMasterUrl() + "api/v1/namespaces/%s/%s/%s".formatted(namespace, kind.plural(), name)))
                .header("Accept", METADATA_ALONE)
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.getHttpClient().sendAsync(request, String.class).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("interrupted while the API server was asked", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new KubernetesClientException("the API server did not answer", e);
        }
    }

    /** All that the API server was asked for. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Metadata(ObjectMeta metadata) {}
}

package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the API is served, and the key to it. Only {@link OpenAiHttp} sees the key.
 *
 * @param base the URL without user information, query and closing slash
 * @param query of every request, with its question mark; empty where there is none
 * @param keyHeader the header that carries the key
 * @param keyPrefix what stands before the key in the header
 * @param keyFile where the key stands once it is another one
 * @param authorities that vouch for it, where it is not the public ones
 * @param headers of every request, beside the key's
 */
public record OpenAiEndpoint(
        URI base,
        String query,
        String keyHeader,
        String keyPrefix,
        Optional<String> key,
        Optional<Path> keyFile,
        Optional<TrustedAuthorities> authorities,
        Map<String, String> headers) {
    private static final String BASE_URL = "spec.embedder.openai.baseUrl";

    /** That the public authorities vouch for. */
    public OpenAiEndpoint(URI base, String query, String keyHeader, String keyPrefix, Optional<String> key) {
        this(base, query, keyHeader, keyPrefix, key, Optional.empty(), Optional.empty(), Map.of());
    }

    /** @param variables of the process: they hold the key, and name the file of the authorities */
    public static OpenAiEndpoint of(OpenAiEmbedder spec, Map<String, String> variables) {
        Optional<String> usable = usable(variables.get(EnvironmentVariable.OPENAI_API_KEY));
        if (usable.isEmpty() && spec.server().needsKey()) {
            throw new SpecificationException(
                    "the environment variable %s is not set: it holds the API key that spec.embedder.openai.apiKey names"
                            .formatted(EnvironmentVariable.OPENAI_API_KEY));
        }
        Optional<Path> keyFile = Optional.ofNullable(variables.get(EnvironmentVariable.OPENAI_API_KEY_FILE))
                .filter(name -> !name.isBlank())
                .map(Path::of);
        return of(spec, usable, keyFile, TrustedAuthorities.of(spec, variables));
    }

    /** Where there is nothing to be asked for. */
    public static OpenAiEndpoint withoutKey(OpenAiEmbedder spec) {
        return of(spec, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static OpenAiEndpoint of(
            OpenAiEmbedder spec,
            Optional<String> key,
            Optional<Path> keyFile,
            Optional<TrustedAuthorities> authorities) {
        URI given = given(spec.baseUrl());
        URI base = base(given);
        Map<String, String> headers = headers(spec);
        String query = query(given.getRawQuery(), spec.apiVersion());
        return spec.server() == OpenAiServer.AzureOpenAI
                ? new OpenAiEndpoint(base, query, "api-key", "", key, keyFile, authorities, headers)
                : new OpenAiEndpoint(base, query, "authorization", "Bearer ", key, keyFile, authorities, headers);
    }

    private static Map<String, String> headers(OpenAiEmbedder spec) {
        Map<String, String> headers = new HashMap<>();
        if (spec.organization() != null) {
            headers.put("openai-organization", spec.organization());
        }
        if (spec.project() != null) {
            headers.put("openai-project", spec.project());
        }
        return Map.copyOf(headers);
    }

    /** The same with the key that its file holds by now; empty where that is no other one. */
    Optional<OpenAiEndpoint> renewed() {
        return keyFile.flatMap(OpenAiEndpoint::content)
                .filter(renewed -> !key.equals(Optional.of(renewed)))
                .map(renewed -> new OpenAiEndpoint(
                        base, query, keyHeader, keyPrefix, Optional.of(renewed), keyFile, authorities, headers));
    }

    /** A Secret that is gone, or is being written, is no other key. */
    private static Optional<String> content(Path file) {
        try {
            return usable(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The same server elsewhere. */
    public OpenAiEndpoint at(String otherBase) {
        return new OpenAiEndpoint(
                URI.create(otherBase), query, keyHeader, keyPrefix, key, keyFile, authorities, headers);
    }

    /** With one header more in every request, where it has none of that name. */
    public OpenAiEndpoint with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.putIfAbsent(header, value);
        return new OpenAiEndpoint(base, query, keyHeader, keyPrefix, key, keyFile, authorities, Map.copyOf(more));
    }

    /** @param path behind the base URL, with its slash */
    String uri(String path) {
        String prefix = base.getRawPath() == null ? "" : base.getRawPath();
        if (query.isEmpty()) {
            return prefix + path;
        }
        return prefix + (path.contains("?") ? path + "&" + query.substring(1) : path + query);
    }

    boolean isEncrypted() {
        return base.getScheme().equals("https");
    }

    int port() {
        return base.getPort() > 0 ? base.getPort() : isEncrypted() ? 443 : 80;
    }

    /** Whether a key goes over a network in the clear. */
    public boolean exposesKey() {
        return !isEncrypted() && key.isPresent() && !isLocal(base.getHost());
    }

    /** The text with the key blotted out, should a server have quoted it, in whole or in part. */
    String withoutKey(String text) {
        return new KeyRedaction(key).apply(text);
    }

    /** The URL alone. */
    @Override
    public String toString() {
        return base.toString();
    }

    private static boolean isLocal(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    /** What every request has behind its path: the query of the base URL, and the version of the API. */
    private static String query(String ofUrl, String apiVersion) {
        boolean versioned = ofUrl != null && ("&" + ofUrl).contains("&api-version=");
        if (versioned && apiVersion != null) {
            throw new SpecificationException(BASE_URL
                    + " names an api-version, and spec.embedder.openai.apiVersion does as well: leave one of them out");
        }
        List<String> parts = new ArrayList<>();
        if (ofUrl != null && !ofUrl.isEmpty()) {
            parts.add(ofUrl);
        }
        if (apiVersion != null) {
            parts.add("api-version=" + URLEncoder.encode(apiVersion, StandardCharsets.UTF_8));
        }
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    private static URI given(String url) {
        try {
            URI given = new URI(url);
            if (given.getHost() == null) {
                throw refused(given.toString(), "give a host");
            }
            if (given.getRawUserInfo() != null) {
                throw new SpecificationException(
                        BASE_URL + " holds a user and password: give the key in spec.embedder.openai.apiKey instead");
            }
            if (given.getRawFragment() != null) {
                throw refused(given.getScheme() + "://" + given.getRawAuthority(), "leave out what follows its #");
            }
            return given;
        } catch (URISyntaxException e) {
            throw new SpecificationException("%s is malformed at character %d (%s): write it percent-encoded"
                    .formatted(BASE_URL, e.getIndex() + 1, e.getReason()));
        }
    }

    private static URI base(URI given) {
        String path = given.getRawPath() == null ? "" : given.getRawPath().replaceAll("/+$", "");
        return URI.create(given.getScheme() + "://" + given.getRawAuthority() + path);
    }

    private static SpecificationException refused(String value, String advice) {
        return new SpecificationException("%s is %s: %s".formatted(BASE_URL, value, advice));
    }

    /** Secrets that were made from files often end in a line feed. */
    private static Optional<String> usable(String key) {
        Optional<String> stripped = Optional.ofNullable(key).map(String::strip).filter(value -> !value.isEmpty());
        stripped.filter(value -> value.chars().anyMatch(c -> c <= ' ' || c > '~'))
                .ifPresent(_ -> {
                    throw new SpecificationException(
                            "the environment variable %s holds characters that no API key has: give the key alone, in one line"
                                    .formatted(EnvironmentVariable.OPENAI_API_KEY));
                });
        return stripped;
    }
}

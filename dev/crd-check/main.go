// Command crd-check answers, with the code of Kubernetes itself and without a cluster, how an API server judges the CRD
// and the manifests of its tests.
//
//	go run . ../../crds/src/main/resources/META-INF/fabric8/*.yml ../../crds/src/test/resources/manifests
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// manifestCase is one row of refusals.yaml or updates.yaml: a patch of a valid manifest and what the server says to it.
type manifestCase struct {
	Name   string          `json:"name"`
	Of     string          `json:"of"`
	Patch  json.RawMessage `json:"patch"`
	Server []string        `json:"server"`
}

// server judges objects as an API server that holds the CRD does.
type server struct {
	schema    *structural.Structural
	validator validation.SchemaValidator
	rules     *cel.Validator
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: crd-check CRD.yml FOLDER_OF_MANIFESTS")
	}
	crd := readCrd(os.Args[1])
	kube := newServer(crd)
	folder := os.Args[2]

	failures := 0
	report := func(name string, want, got []string) {
		if strings.Join(want, "\n") == strings.Join(got, "\n") {
			return
		}
		failures++
		fmt.Printf("%s\n  expected: %s\n  got:      %s\n", name, quoted(want), quoted(got))
	}

	manifests, err := filepath.Glob(filepath.Join(folder, "valid", "*.yaml"))
	check(err)
	for _, manifest := range manifests {
		report(filepath.Base(manifest), nil, kube.create(object(read(manifest))))
	}
	refusals := cases(filepath.Join(folder, "refusals.yaml"))
	for _, c := range refusals {
		report(c.Name, c.Server, kube.create(patched(folder, c)))
	}
	updates := cases(filepath.Join(folder, "updates.yaml"))
	for _, c := range updates {
		old := object(read(filepath.Join(folder, "valid", c.Of+".yaml")))
		report(c.Name, c.Server, kube.update(patched(folder, c), old))
	}
	fmt.Printf("%d valid manifests, %d refusals, %d updates: %d differ\n",
		len(manifests), len(refusals), len(updates), failures)
	if failures > 0 {
		os.Exit(1)
	}
}

func readCrd(path string) *apiextensions.CustomResourceDefinition {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	decoded, _, err := serializer.NewCodecFactory(scheme).UniversalDecoder(apiextensions.SchemeGroupVersion).
		Decode(read(path), nil, nil)
	check(err)
	crd := decoded.(*apiextensions.CustomResourceDefinition)
	crd.Status.StoredVersions = []string{crd.Spec.Versions[0].Name}
	if errs := crdvalidation.ValidateCustomResourceDefinition(context.Background(), crd); len(errs) > 0 {
		fail("the CRD itself is refused: " + errs.ToAggregate().Error())
	}
	return crd
}

func newServer(crd *apiextensions.CustomResourceDefinition) *server {
	definition := crd.Spec.Validation
	if definition == nil {
		definition = crd.Spec.Versions[0].Schema
	}
	schema, err := structural.NewStructural(definition.OpenAPIV3Schema)
	check(err)
	validator, _, err := validation.NewSchemaValidator(definition.OpenAPIV3Schema)
	check(err)
	return &server{schema, validator, cel.NewValidator(schema, true, celconfig.PerCallLimit)}
}

func (s *server) create(manifest map[string]any) []string {
	s.admit(manifest)
	if messages := s.structure(manifest); len(messages) > 0 {
		return messages
	}
	errs, _ := s.rules.Validate(context.Background(), nil, s.schema, manifest, nil, celconfig.RuntimeCELCostBudget)
	return messages(errs)
}

func (s *server) update(manifest, old map[string]any) []string {
	s.admit(manifest)
	s.admit(old)
	if messages := s.structure(manifest); len(messages) > 0 {
		return messages
	}
	errs, _ := s.rules.Validate(context.Background(), nil, s.schema, manifest, old, celconfig.RuntimeCELCostBudget)
	return messages(errs)
}

// admit changes the manifest as the server does before it looks at it.
func (s *server) admit(manifest map[string]any) {
	pruning.Prune(manifest, s.schema, true)
	defaulting.PruneNonNullableNullsWithoutDefaults(manifest, s.schema)
	defaulting.Default(manifest, s.schema)
}

func (s *server) structure(manifest map[string]any) []string {
	errs := validation.ValidateCustomResource(nil, manifest, s.validator)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, s.schema, manifest)...)
	return messages(errs)
}

func messages[E error](errs []E) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func cases(path string) []manifestCase {
	var out []manifestCase
	check(yaml.UnmarshalStrict(withoutRecordMessages(read(path)), &out))
	return out
}

// withoutRecordMessages drops what only the Java tests read, so that every other unknown key is still refused.
func withoutRecordMessages(document []byte) []byte {
	var rows []map[string]any
	check(yaml.Unmarshal(document, &rows))
	for _, row := range rows {
		delete(row, "record")
	}
	out, err := yaml.Marshal(rows)
	check(err)
	return out
}

func patched(folder string, c manifestCase) map[string]any {
	base, err := yaml.YAMLToJSON(read(filepath.Join(folder, "valid", c.Of+".yaml")))
	check(err)
	merged, err := jsonpatch.MergePatch(base, c.Patch)
	check(err)
	return object(merged)
}

func object(document []byte) map[string]any {
	asJSON, err := yaml.YAMLToJSON(document)
	check(err)
	var out map[string]any
	check(utiljson.Unmarshal(asJSON, &out))
	return out
}

func quoted(messages []string) string {
	if len(messages) == 0 {
		return "accepted"
	}
	return "\n    - " + strings.Join(messages, "\n    - ")
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	check(err)
	return content
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "crd-check: "+message)
	os.Exit(2)
}

package command

import "encoding/json"

// The parts of SARIF 2.1.0 (OASIS, sarif-v2.1.0) that make a finding. Arrays
// without a natural bound are kept as text and read one element at a time.
type (
	sarifLog struct {
		Runs json.RawMessage `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver     sarifComponent  `json:"driver"`
			Extensions json.RawMessage `json:"extensions"`
		} `json:"tool"`
		Results     json.RawMessage          `json:"results"`
		Invocations json.RawMessage          `json:"invocations"`
		Artifacts   json.RawMessage          `json:"artifacts"`
		Bases       map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind  string                   `json:"columnKind"`
	}
	sarifComponent struct {
		Rules    json.RawMessage         `json:"rules"`
		Messages map[string]sarifMessage `json:"globalMessageStrings"`
	}
	sarifRule struct {
		ID            string                  `json:"id"`
		Messages      map[string]sarifMessage `json:"messageStrings"`
		Configuration struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifMessage struct {
		Text      string   `json:"text"`
		Markdown  string   `json:"markdown"`
		ID        string   `json:"id"`
		Arguments []string `json:"arguments"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    *int               `json:"ruleIndex"`
		Rule         sarifRuleReference `json:"rule"`
		Level        string             `json:"level"`
		Kind         string             `json:"kind"`
		Baseline     string             `json:"baselineState"`
		Message      sarifMessage       `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []struct {
			Status string `json:"status"`
		} `json:"suppressions"`
		Fixes json.RawMessage `json:"fixes"`
	}
	sarifInvocation struct {
		Execution     json.RawMessage `json:"toolExecutionNotifications"`
		Configuration json.RawMessage `json:"toolConfigurationNotifications"`
	}
	sarifNotification struct {
		Level      string `json:"level"`
		Descriptor struct {
			ID string `json:"id"`
		} `json:"descriptor"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation"`
	}
	sarifRuleReference struct {
		ID        string `json:"id"`
		Index     *int   `json:"index"`
		Component struct {
			Index *int `json:"index"`
		} `json:"toolComponent"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   struct {
			StartLine   int `json:"startLine"`
			StartColumn int `json:"startColumn"`
			EndLine     int `json:"endLine"`
			EndColumn   int `json:"endColumn"`
		} `json:"region"`
	}
	sarifArtifact struct {
		URI   string `json:"uri"`
		Base  string `json:"uriBaseId"`
		Index *int   `json:"index"`
	}
)

package local

import "strings"

// importedFunction finds the function behind an ARN of another stack. ok is false for
// what is no such ARN.
func (r *reader) importedFunction(arn value) (function Handler, ok bool) {
	name := arn.importName()
	if name == "" {
		return nil, false
	}
	function = r.imported[name]
	if function == nil {
		arn.fault("the local gateway has no function for %s", name)
	}
	return function, true
}

// importsFrom reports whether a nested application is one whose functions the
// caller of New has.
func (r *reader) importsFrom(application string) bool {
	for name := range r.imported {
		if strings.HasPrefix(name, application+".Outputs.") {
			return true
		}
	}
	return false
}

// importName is what is imported: the export in !ImportValue, which may be a
// !Sub or !Ref itself, or APPLICATION.Outputs.NAME in !GetAtt of that; empty for
// anything else.
func (v value) importName() string {
	if !v.present() {
		return ""
	}
	switch name, argument := intrinsic(v.node); name {
	case "ImportValue":
		if argument == v.node { // the short form
			argument = untagged(argument)
		}
		return value{v.doc, argument, v.at}.text()
	case "GetAtt":
		if attribute := v.attribute(); strings.Contains(attribute, ".Outputs.") {
			return attribute
		}
	}
	return ""
}

// readVariables reads the variables of the stage. PUBLIC_BASE_URL is not among
// them: the functions know their address here.
func (r *reader) readVariables(section value) map[string]string {
	if !section.present() {
		return nil
	}
	if name, argument := intrinsic(section.node); name == "If" {
		return r.readVariables(r.choose(value{section.doc, argument, section.at}))
	}
	variables := map[string]string{}
	for _, variable := range section.fields() {
		if text := variable.text(); variable.name != "PUBLIC_BASE_URL" {
			variables[variable.name] = text
		}
	}
	return variables
}

// choose evaluates !If; what !Ref AWS::NoValue stands for is absent.
func (r *reader) choose(list value) value {
	items := untaggedList(list).items()
	if len(items) != 3 {
		list.fault("takes a condition and two values")
		return value{list.doc, nil, list.at}
	}
	chosen := items[2]
	if r.holds(items[0], maxNesting) {
		chosen = items[1]
	}
	if chosen.reference() == "AWS::NoValue" {
		chosen.node = nil
	}
	return chosen
}
